// SPDX-License-Identifier: Apache-2.0

import DequeModule

extension SocketCore {
    /// Takes monitor events in: to the link whose address they name, else to the bound side.
    ///
    /// - Parameters:
    ///   - monitorEvents: what is left here comes again: others have had the lock then.
    ///   - more: the events that have come since.
    func handle(_ monitorEvents: inout Deque<MonitorEvent>, more: () -> [MonitorEvent]) {
        while let event = monitorEvents.first {
            if let publisher = role.publisher, case .disconnected = event.kind {
                // What it had still sent comes first, so that nothing of it turns up afterwards.
                guard takesNotices(of: publisher) else { return }
                // Asked only now: a subscription through a later connection comes after that was accepted, so none is
                // taken for the former one's unawares.
                monitorEvents += more()
            }
            monitorEvents.removeFirst()
            if let link = links.first(where: { $0.machine.currentAddress?.endpoint == ExactText(event.address) }) {
                process(link, .signal(event.kind))
            } else {
                handleAccepted(event) { descriptor in
                    monitorEvents.contains { $0.kind == .accepted(descriptor: descriptor) }
                }
            }
            if let publisher = role.publisher, case .disconnected = event.kind, monitorEvents.isEmpty {
                forgetSubscribersIfAlone(publisher)
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
            watchLiveness(of: descriptor)
        case .handshakeSucceeded:
            let isOne = accepted.succeeded(at: event.address) { descriptor in
                Descriptors.inflow(descriptor).map { AcceptedPeers.Inflow(bytes: $0.bytes, silence: $0.silence) }
            }
            if isOne { reportPeer(at: event.address) }
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
                peerWasLost(descriptor: descriptor, isOutgoing: false, isUsedAgain: isUsedAgain(descriptor))
                askLaterAfterDoubts(at: event.address)
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

    private func reportPeer(at address: String) {
        var report = SocketEvent(.handshaken)
        report.endpoint = address
        report.count = peerCount
        self.report(report)
        waiters.wakeAll(.state)
    }

    /// Who has been lost may have been a stranger, and a peer be left that is not counted: that shows when libzmq's limit
    /// for handshakes has passed.
    private func askLaterAfterDoubts(at address: String) {
        let doubts = accepted.takeDoubts()
        guard !doubts.isEmpty else { return }
        let certain = MonotonicInstant.now().advanced(byNanoseconds: SocketOptions.handshakeCertainlyOver)
        _ = context.supervisor.schedule(at: certain) { [weak self] in
            self?.locked {
                guard let self, self.accepted.outlasted(doubts) else { return }
                self.reportPeer(at: address)
            }
        }
    }

    /// A peer with a finished handshake is gone, and not because this side ended the link.
    func peerWasLost(descriptor: Int32?, isOutgoing: Bool, isUsedAgain: Bool = false) {
        statistics.linksLost &+= 1
        peerIsGone(descriptor: descriptor, isOutgoing: isOutgoing, isUsedAgain: isUsedAgain)
    }

    /// A peer with a finished handshake is gone: what was known from it is void.
    func peerIsGone(descriptor: Int32?, isOutgoing: Bool, isUsedAgain: Bool = false) {
        role.peerIsGone()
        if let descriptor {
            subscriptionsLost(with: descriptor, isOutgoing: isOutgoing, isUsedAgain: isUsedAgain)
        }
        waiters.wakeAll(.state)
    }
}
