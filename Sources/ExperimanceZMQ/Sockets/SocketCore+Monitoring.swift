// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

extension SocketCore {
    /// Takes monitor events in: to the link whose address they name, else to the bound side.
    func handle(_ monitorEvents: [MonitorEvent]) {
        for event in monitorEvents {
            if let link = links.first(where: { $0.machine.currentAddress?.endpoint == event.address }) {
                process(link, .signal(event.kind))
            } else {
                handleAccepted(event)
            }
        }
        // New pipes are attached and subscriptions restored only when the socket works through its commands, which a
        // caller that waits elsewhere does not make it do.
        pump()
    }

    private func handleAccepted(_ event: MonitorEvent) {
        switch event.kind {
        case .accepted(let descriptor):
            accepted.accepted(descriptor, at: event.address)
        case .handshakeSucceeded:
            guard accepted.succeeded(at: event.address) else { break }
            var report = SocketEvent(.handshaken)
            report.endpoint = event.address
            report.count = peerCount
            self.report(report)
            waiters.wakeAll(.state)
        case .handshakeFailed(let failure):
            accepted.failed(at: event.address, ConnectFailure(failure))
        case .disconnected(let descriptor):
            switch accepted.disconnected(descriptor, at: event.address) {
            case .lost:
                var report = SocketEvent(.lost)
                report.endpoint = event.address
                report.code = .peerLost
                report.message = "a peer is gone"
                report.count = peerCount
                self.report(report)
                peerWasLost(descriptor: descriptor, isOutgoing: false)
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
    func peerWasLost(descriptor: Int32?, isOutgoing: Bool) {
        statistics.linksLost &+= 1
        lossCount &+= 1
        if kind == .pub, let descriptor {
            // What it had still sent comes first, so that nothing of it turns up afterwards.
            pump()
            for (topic, count) in subscriptions.connectionLost(descriptor, isOutgoing: isOutgoing) {
                reportSubscription(.subscriberLeft, topic, count)
            }
        }
        waiters.wakeAll(.state)
    }
}
