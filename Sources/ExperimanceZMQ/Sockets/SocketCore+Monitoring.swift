// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import DequeModule

extension SocketCore {
    /// Takes monitor events in: to the link whose address they name, else to the bound side.
    ///
    /// - Parameter more: the events that have come since.
    func handle(_ monitorEvents: [MonitorEvent], more: () -> [MonitorEvent]) {
        var left = Deque(monitorEvents)
        while let event = left.popFirst() {
            if let link = links.first(where: { $0.machine.currentAddress?.endpoint == ExactText(event.address) }) {
                process(link, .signal(event.kind))
            } else {
                handleAccepted(event) { descriptor in
                    left += more()
                    return left.contains { $0.kind == .accepted(descriptor: descriptor) }
                }
            }
        }
        // New pipes are attached and subscriptions restored only when the socket works through its commands, which a
        // caller that waits elsewhere does not make it do.
        pump()
    }

    /// - Parameter isUsedAgain: whether another connection has been accepted with the descriptor by now.
    private func handleAccepted(_ event: MonitorEvent, isUsedAgain: (Int32) -> Bool) {
        switch event.kind {
        case .accepted(let descriptor):
            // Of an endpoint that has been unbound meanwhile: it ended with it.
            guard boundEndpoints.contains(where: { $0.accepted(at: event.address) }) else { break }
            accepted.accepted(descriptor, at: event.address)
            liveness.opened(descriptor)
            updateTraps()
        case .handshakeSucceeded:
            guard accepted.succeeded(at: event.address, received: Descriptors.bytesReceived) else { break }
            var report = SocketEvent(.handshaken)
            report.endpoint = event.address
            report.count = peerCount
            self.report(report)
            waiters.wakeAll(.state)
        case .handshakeFailed(let failure):
            accepted.failed(at: event.address, ConnectFailure(failure))
        case .disconnected(let descriptor):
            let wasSilent = liveness.closed(descriptor)
            switch accepted.disconnected(descriptor, at: event.address) {
            case .lost:
                var report = SocketEvent(.lost)
                report.endpoint = event.address
                report.code = .peerLost
                report.message = wasSilent ? Self.silentHost : "a peer is gone"
                report.count = peerCount
                self.report(report)
                peerWasLost(descriptor: descriptor, isOutgoing: false, isUsedAgain: isUsedAgain)
            case .rejected(let failure):
                statistics.peersRejected &+= 1
                var report = SocketEvent(.peerRejected)
                report.endpoint = event.address
                report.code = failure.code
                report.systemErrno = failure.systemErrno
                report.message = failure.reason
                self.report(report)
            case nil:
                break
            }
        default:
            break
        }
    }

    /// A peer with a finished handshake is gone: what was known from it is void.
    func peerWasLost(descriptor: Int32?, isOutgoing: Bool, isUsedAgain: (Int32) -> Bool = { _ in false }) {
        statistics.linksLost &+= 1
        lossCount &+= 1
        if let descriptor {
            subscriptionsLost(with: descriptor, isOutgoing: isOutgoing, isUsedAgain: isUsedAgain)
        }
        waiters.wakeAll(.state)
    }

    /// What came through a connection that is gone is no subscription any more.
    func subscriptionsLost(
        with descriptor: Int32,
        isOutgoing: Bool,
        isUsedAgain: (Int32) -> Bool = { _ in false }
    ) {
        guard kind == .pub else { return }
        // What it had still sent comes first, so that nothing of it turns up afterwards.
        pump()
        // Asked only now: a subscription through a later connection comes after that was accepted, so none is taken for
        // the former one's unawares.
        let changes = subscriptions.connectionLost(
            descriptor,
            isOutgoing: isOutgoing,
            isUsedAgain: isUsedAgain(descriptor)
        )
        for (topic, count, isHigher) in changes {
            reportSubscription(isHigher ? .subscriberJoined : .subscriberLeft, topic, count)
        }
    }
}
