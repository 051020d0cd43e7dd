// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

extension SocketCore {
    /// Takes monitor events in: to the link whose address they name, else to the bound side.
    func handle(_ monitorEvents: [MonitorEvent]) {
        for (index, event) in monitorEvents.enumerated() {
            if let link = links.first(where: { $0.machine.currentAddress?.endpoint == event.address }) {
                process(link, .signal(event.kind))
            } else {
                handleAccepted(event, followedBy: monitorEvents[(index + 1)...])
            }
        }
        // New pipes are attached and subscriptions restored only when the socket works through its commands, which a
        // caller that waits elsewhere does not make it do.
        pump()
    }

    private func handleAccepted(_ event: MonitorEvent, followedBy later: ArraySlice<MonitorEvent>) {
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
                let isUsedAgain = later.contains { $0.kind == .accepted(descriptor: descriptor) }
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
    func peerWasLost(descriptor: Int32?, isOutgoing: Bool, isUsedAgain: Bool = false) {
        statistics.linksLost &+= 1
        lossCount &+= 1
        if let descriptor {
            subscriptionsLost(with: descriptor, isOutgoing: isOutgoing, isUsedAgain: isUsedAgain)
        }
        waiters.wakeAll(.state)
    }

    /// What came through a connection that is gone is no subscription any more.
    func subscriptionsLost(with descriptor: Int32, isOutgoing: Bool, isUsedAgain: Bool = false) {
        guard kind == .pub else { return }
        // What it had still sent comes first, so that nothing of it turns up afterwards.
        pump()
        let changes = subscriptions.connectionLost(descriptor, isOutgoing: isOutgoing, isUsedAgain: isUsedAgain)
        for (topic, count) in changes { reportSubscription(.subscriberLeft, topic, count) }
    }
}
