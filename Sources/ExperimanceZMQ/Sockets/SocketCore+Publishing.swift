// SPDX-License-Identifier: Apache-2.0

import CLinux

extension SocketCore {
    /// Takes the notices of new and ended subscriptions from libzmq.
    func takeSubscriptionNotices(of publisher: PublisherRole, from socket: RawSocket) {
        guard !publisher.isBusy else { return takeRestSoon(of: publisher) }
        var frame = Frame()
        var left = PublisherRole.portion
        var hasNews = false
        let end = MonotonicInstant.now().advanced(byNanoseconds: PublisherRole.timeAtOnce)
        while left > 0, unsafe frame.receive(from: socket) >= 0 {
            left -= SubscriptionLedger.effort(byteCount: frame.count)
            if MonotonicInstant.now() >= end { left = 0 }
            guard let notice = frame.withBytes({ unsafe PublisherRole.Notice($0) }) else { continue }
            let source = sender(of: &frame, to: publisher)
            let peer = publisher.subscriber(of: notice, source: source)
            switch publisher.take(notice, source: source) {
            case .nothing: hasNews = true
            case .echo(let topic): unsafe echo(topic, to: socket)
            case .joined(let topic, let count): report(.subscriberJoined, topic, count, peer)
            case .left(let topic, let count): report(.subscriberLeft, topic, count, peer)
            }
        }
        // Of what is counted as before, the sources may have changed.
        if hasNews { waiters.wakeAll(.state) }
        if left <= 0 || publisher.isBusy { takeRestSoon(of: publisher) }
    }

    /// Who has sent a notice; nil over inproc. The frame may be empty then.
    private func sender(of frame: inout Frame, to publisher: PublisherRole) -> MessageSources.Number? {
        guard let origin = frame.origin else { return nil }
        bound.hasSubscribed(origin.descriptor, cookie: clinux_socket_cookie(origin.descriptor))
        if let known = publisher.known(origin) { return known }
        let cookie = clinux_socket_cookie(origin.descriptor)
        let (number, changes) = publisher.meet(
            origin,
            isOutgoing: connecting.has(descriptor: origin.descriptor),
            cookie: cookie,
            peer: peer(of: origin.descriptor, cookie: cookie),
            keeper: KeptFrame(&frame)
        )
        report(changes)
        return number
    }

    /// The lock is others', too: the rest comes next, on the supervisor's thread.
    private func takeRestSoon(of publisher: PublisherRole) {
        guard publisher.restIsLeft() else { return }
        context.supervisor.perform { [self] in
            locked {
                guard let publisher = role.publisher else { return }
                report(publisher.takeRest())
                pump()
            }
        }
    }

    /// Takes a portion of the notices in.
    ///
    /// - Returns: whether that was all, or enough.
    func takesNotices(of publisher: PublisherRole) -> Bool {
        publisher.beginPortion()
        pump()
        return publisher.portionSuffices()
    }

    /// What came through a connection that is gone is no subscription any more.
    ///
    /// - Parameter later: what has become of the descriptor since.
    func subscriptionsLost(
        with descriptor: Int32,
        isOutgoing: Bool,
        later: MessageSources.LaterUse = .none
    ) {
        guard let publisher = role.publisher else { return }
        report(publisher.connectionLost(descriptor, isOutgoing: isOutgoing, later: later))
        if publisher.isBusy { takeRestSoon(of: publisher) }
    }

    /// A connection has ended, all that was said until then is known, and no later one has been accepted.
    func forgetSubscribersIfAlone(_ publisher: PublisherRole) {
        guard peerCount == 0, !bound.hasConnections else { return }
        report(publisher.everybodyIsGone())
    }

    private func report(_ changes: [SubscriptionLedger.Change]) {
        for change in changes {
            report(.subscriberLeft, change.topic, change.count, change.peer)
        }
    }

    private func report(_ kind: ZMQEvent.Kind, _ topic: [UInt8], _ count: Int, _ peer: KnownPeer?) {
        var event = ZMQEvent(kind, count: count)
        event.note(topic: topic)
        report(event, of: peer)
        waiters.wakeAll(.state)
    }

    /// Sends a probe back to the subscriber that asked. If its queue is full it will ask again.
    private func echo(_ topic: [UInt8], to socket: RawSocket) {
        let nothing = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        switch options.wireForm {
        case .multipart: unsafe topic.withUnsafeBytes { _ = unsafe OutgoingMessage.send($0, nothing, to: socket) }
        case .space:
            unsafe (topic + [UInt8(ascii: " ")]).withUnsafeBytes {
                _ = unsafe ZMQ.send(socket, $0.baseAddress, $0.count)
            }
        }
    }

    /// After a publish.
    func publisherTick(_ publisher: PublisherRole) {
        guard publisher.isDue(at: clinux_coarse_ns()) else { return }
        pump()
        if publisher.beginSweep(messagesSent: slot.pointee.messagesSent) { scheduleSweep() }
    }

    private func scheduleSweep() {
        let next = MonotonicInstant.now().advanced(byNanoseconds: PublisherRole.sweepInterval)
        _ = context.supervisor.schedule(at: next) { [self] in
            locked {
                pump()
                if role.publisher?.endSweep(messagesSent: slot.pointee.messagesSent) == true { scheduleSweep() }
            }
        }
    }
}
