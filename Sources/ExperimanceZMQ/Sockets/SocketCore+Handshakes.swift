// SPDX-License-Identifier: Apache-2.0

import CLinux
import DequeModule

// How far the handshakes of connections have come that were accepted, and how many there may be.
extension SocketCore {
    /// What a handshake takes.
    var handshakeSize: HandshakeSize { .of(options.security) }

    /// What has been said on a connection. What is its own, and whose it is, is asked last.
    func inflow(of descriptor: Int32) -> AcceptedPeers.Inflow? {
        guard let inflow = Descriptors.inflow(descriptor) else { return nil }
        let size = handshakeSize
        let isWorthIt = size.answer != nil && inflow.bytes >= size.received
        let written = isWorthIt ? Descriptors.written(descriptor) : nil
        return AcceptedPeers.Inflow(
            bytes: inflow.bytes,
            silence: inflow.silence,
            written: written,
            cookie: clinux_socket_cookie(descriptor)
        )
    }

    /// One more connection is in its handshake. Ends another one if there are too many of them.
    ///
    /// - Parameter events: those that have come since: a handshake that is done may be among them.
    func limitHalfOpenConnections(_ descriptor: Int32, events: () -> Deque<MonitorEvent>) {
        let newcomer = bound.newcomer(descriptor)
        // Whose end has come already is none.
        guard newcomer.cookie != 0 else { return }
        let origin = PeerOrigin(newcomer.peer)
        halfOpen.opened(.init(descriptor: descriptor, cookie: newcomer.cookie, origin: origin))
        let limit = HalfOpenConnections.limit
        guard halfOpen.count > limit else { return }
        let isUpToDate = !events().contains { $0.kind == .handshakeSucceeded }
        let victim = halfOpen.takeVictim(limit: limit) {
            bound.isPending($0.descriptor, cookie: $0.cookie)
        } _: {
            state(of: $0, isUpToDate: isUpToDate)
        }
        guard let victim else { return }
        // Once it is told to end it counts no more, though that takes its time.
        let known = bound.peer(of: victim.descriptor, cookie: victim.cookie)
        clinux_end_connection(victim.descriptor, victim.cookie)
        let address = bound.refuse(victim.descriptor)
        report(ZMQEvent(.peerRejected, .tooManyHandshakes, endpoint: address), of: known)
    }

    /// Whether a handshake has certainly not been done there: less has been said than it takes. Over ipc nobody counts
    /// the bytes, and it is what has been told of the connection that tells.
    private func state(
        of connection: HalfOpenConnections.Connection,
        isUpToDate: Bool
    ) -> HalfOpenConnections.State {
        guard let inflow = inflow(of: connection.descriptor) else {
            guard isUpToDate, clinux_socket_cookie(connection.descriptor) == connection.cookie else { return .other }
            return bound.isHalfOpen(connection.descriptor) ? .halfOpen : .other
        }
        guard inflow.cookie == connection.cookie else { return .other }
        let size = handshakeSize
        return switch size.stage(received: inflow.bytes, written: { inflow.written }) {
        case .early, .refused: .halfOpen
        case .unclear: size.answer != nil ? .waiting : .other
        case .done: .other
        }
    }
}
