// SPDX-License-Identifier: Apache-2.0

import CLinux
import DequeModule

extension SocketCore {
    /// Takes monitor events in: to the link whose address they name, else to the bound side.
    ///
    /// - Parameters:
    ///   - monitorEvents: what is left here comes again: others have had the lock then.
    ///   - more: the events that have come since.
    func handle(_ monitorEvents: inout Deque<MonitorEvent>, more: () -> [MonitorEvent]) {
        while let event = monitorEvents.first {
            var later = MessageSources.LaterUse.none
            if case .disconnected(let descriptor) = event.kind, role.tellsConnectionsApart {
                // What it had still sent comes first, so that nothing of it turns up afterwards.
                if let publisher = role.publisher, !takesNotices(of: publisher) {
                    entrance?.askers.isBehind = true
                    return
                }
                // Asked only now: a message through a later connection comes after that was made, so none is taken for
                // the former one's unawares.
                monitorEvents += more()
                later = laterUse(of: descriptor, after: &monitorEvents, more: more)
            }
            monitorEvents.removeFirst()
            let guest = noteAdmission(event)
            if let link = connecting.link(at: ExactText(event.address)) {
                if case .connected(let descriptor) = event.kind {
                    link.meet(newcomer(descriptor, before: &monitorEvents, more: more), at: descriptor)
                }
                if event.kind == .handshakeSucceeded, let known = guest.peer { link.meet(known) }
                process(link, input(for: event.kind), later: later)
            } else {
                let effects = bound.handle(
                    event,
                    isFull: event.kind == .handshakeSucceeded && hasNoPlace,
                    refusal: guest.refusal
                ) { descriptor in
                    newcomer(descriptor, before: &monitorEvents, more: more)
                } inflow: { descriptor in
                    self.inflow(of: descriptor)
                }
                for effect in effects {
                    perform(effect, of: guest.peer, later: later) {
                        monitorEvents += more()
                        return monitorEvents
                    }
                }
            }
            if let publisher = role.publisher, case .disconnected = event.kind, monitorEvents.isEmpty {
                forgetSubscribersIfAlone(publisher)
            }
        }
        catchUpAtDoor()
        // New pipes are attached and subscriptions restored only when the socket works through its commands, which a
        // caller that waits elsewhere does not make it do.
        pump()
    }

    /// Who is at the other end of a connection that has just been told of. Its descriptor is another one's only after
    /// its end has been told, so what is found is its own if that has not come by then.
    private func newcomer(
        _ descriptor: Int32,
        before events: inout Deque<MonitorEvent>,
        more: () -> [MonitorEvent]
    ) -> AcceptedConnection.Newcomer {
        let found = AcceptedConnection.Newcomer(
            peer: KnownPeer(of: descriptor),
            cookie: clinux_socket_cookie(descriptor)
        )
        events += more()
        let isOver = events.contains { $0.kind.begins(descriptor) || $0.kind == .disconnected(descriptor: descriptor) }
        return isOver ? .unknown : found
    }

    /// What has become of a descriptor after the connection that the first of the events says has ended.
    private func laterUse(
        of descriptor: Int32,
        after events: inout Deque<MonitorEvent>,
        more: () -> [MonitorEvent]
    ) -> MessageSources.LaterUse {
        guard events.contains(where: { $0.kind.begins(descriptor) }) else { return .none }
        let cookie = clinux_socket_cookie(descriptor)
        // That is the later connection's if its end has not been said by then.
        events += more()
        let since = events.dropFirst()
        let isOne = since.count { $0.kind.begins(descriptor) } == 1
        return isOne && !since.contains { $0.kind == .disconnected(descriptor: descriptor) }
            ? .one(cookie: cookie) : .several
    }

    /// What the machine of a link hears of an event.
    private func input(for signal: MonitorEvent.Kind) -> ConnectInput {
        guard case .connected(let descriptor) = signal, Descriptors.resetIfConnectedToItself(descriptor) else {
            return .signal(signal)
        }
        return .metItself
    }

    /// A connection is over, and libzmq says nothing of it.
    func endedUntold(_ descriptor: Int32) {
        for effect in bound.endedUntold(descriptor) { perform(effect, later: .none) { [] } }
    }

    /// - Parameters:
    ///   - admitted: as whom the peer was let in.
    ///   - later: what has become of the descriptor of a connection that has ended.
    ///   - events: those that have come since.
    private func perform(
        _ effect: BoundSide.Effect,
        of admitted: KnownPeer? = nil,
        later: MessageSources.LaterUse,
        events: () -> Deque<MonitorEvent>
    ) {
        switch effect {
        case .opened(let descriptor):
            watchLiveness(of: descriptor)
            noteConnection(descriptor)
            limitHalfOpenConnections(descriptor, events: events)
        case .joined(let address, let peer):
            reportPeer(at: address, known(peer, as: admitted))
            lookForUntoldEnds()
        case .lost(let descriptor, let address, var peer):
            let wasSilent = liveness.closed(descriptor)
            note(role.router?.identity(ofEnded: descriptor, later: later), of: &peer)
            report(
                ZMQEvent(
                    .lost,
                    endpoint: address,
                    code: .peerLost,
                    count: peerCount,
                    message: wasSilent ? Self.silentHost : mayCutOff ? Self.peerGoneOrCutOff : Self.peerGone
                ),
                of: known(peer, as: admitted)
            )
            peerWasLost(descriptor: descriptor, isOutgoing: false, later: later)
        case .closed(let descriptor):
            _ = liveness.closed(descriptor)
            letComeAgain(after: descriptor, later: later)
            subscriptionsLost(with: descriptor, isOutgoing: false, later: later)
        case .rejected(let address, let failure, let peer):
            report(ZMQEvent(.peerRejected, failure, endpoint: address), of: known(peer, as: admitted))
        case .refused(let descriptors, let address, let peer):
            report(ZMQEvent(.peerRejected, .noPlace, endpoint: address), of: peer)
            let copies = Descriptors.copies(of: descriptors)
            // A descriptor is somebody else's only after its end has been said: what is not said by now is copied.
            let later = events()
            for (descriptor, copy) in copies {
                if !later.contains(where: { $0.kind == .disconnected(descriptor: descriptor) }) {
                    Descriptors.endConnection(of: copy)
                }
                Descriptors.close(copy)
            }
        case .askLater(let doubts, let address):
            askLater(doubts, at: address)
        }
    }

    private func known(_ peer: KnownPeer?, as admitted: KnownPeer?) -> KnownPeer? {
        guard let admitted else { return peer }
        return (peer ?? KnownPeer()).admitted(as: admitted)
    }

    private func reportPeer(at address: String, _ peer: KnownPeer? = nil) {
        report(ZMQEvent(.handshaken, endpoint: address, count: peerCount), of: peer)
        waiters.wakeAll(.state)
    }

    /// Who has been lost may have been a stranger, and a peer be left that is not counted: that shows when libzmq's
    /// limit for handshakes has passed.
    private func askLater(_ doubts: Set<AcceptedPeers.Doubt>, at address: String) {
        let certain = MonotonicInstant.now().advanced(byNanoseconds: ZMQSocketOptions.handshakeCertainlyOver)
        _ = context.supervisor.schedule(at: certain) { [weak self] in
            self?.locked {
                guard let self, self.bound.outlasted(doubts) else { return }
                self.reportPeer(at: address)
            }
        }
    }
}
