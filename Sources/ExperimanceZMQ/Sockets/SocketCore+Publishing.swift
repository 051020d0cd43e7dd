// SPDX-License-Identifier: Apache-2.0

import CLinux

extension SocketCore {
    /// Takes the notices of new and ended subscriptions from libzmq.
    func takeSubscriptionNotices(of publisher: PublisherRole, from socket: RawSocket) {
        guard publisher.rule == nil else { return unsafe takeNoticesAhead(of: publisher, from: socket) }
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
            let whose = publisher.subscriber(of: notice, source: source)
            switch publisher.take(notice, source: source) {
            case .nothing: hasNews = true
            case .echo(let topic): unsafe echo(topic, to: socket)
            case .joined(let topic, let count): tell(.joined, topic, count, of: whose, publisher)
            case .left(let topic, let count): tell(.left, topic, count, of: whose, publisher)
            }
        }
        // Of what is counted as before, the sources may have changed.
        if hasNews { waiters.wakeAll(.state) }
        if left <= 0 || publisher.isBusy { takeRestSoon(of: publisher) }
    }

    /// The same of an XPUB: counts them, and takes those that its application is to have to where it finds them.
    func takeNoticesAhead(of publisher: PublisherRole, from socket: RawSocket) {
        guard !publisher.isBusy else { return takeRestSoon(of: publisher) }
        var left = PublisherRole.portion
        let before = inbox.count
        publisher.beginTaking()
        let end = MonotonicInstant.now().advanced(byNanoseconds: PublisherRole.timeAtOnce)
        while left > 0, unsafe slot.pointee.inbound.receive(from: socket) >= 0 {
            left -= SubscriptionLedger.effort(byteCount: slot.pointee.inbound.count)
            if MonotonicInstant.now() >= end { left = 0 }
            unsafe holdInbound(from: socket)
        }
        if inbox.count > before { waiters.wakeFirst(.readable) }
        if left <= 0 || publisher.isBusy { takeRestSoon(of: publisher) }
    }

    /// Whether a receive on an XPUB leaves to the supervisor what else libzmq has: behind a portion of notices that the
    /// application is not to have, or while a loss is worked off. It finds nothing then, and is woken by what comes.
    func leavesRest() -> Bool {
        guard let publisher = role.publisher, publisher.leavesRest else { return false }
        takeRestSoon(of: publisher)
        return true
    }

    /// The lock is others', too: the rest comes next, on the supervisor's thread.
    private func takeRestSoon(of publisher: PublisherRole) {
        guard publisher.restIsLeft() else { return }
        context.supervisor.perform { [self] in
            locked {
                guard let publisher = role.publisher else { return }
                report(publisher.takeRest(), of: publisher)
                holdPostponed(of: publisher)
                if publisher.isBusy { takeRestSoon(of: publisher) }
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
        report(publisher.connectionLost(descriptor, isOutgoing: isOutgoing, later: later), of: publisher)
        if publisher.isBusy { takeRestSoon(of: publisher) }
    }

    /// A connection has ended, all that was said until then is known, and no later one has been accepted.
    func forgetSubscribersIfAlone(_ publisher: PublisherRole) {
        guard peerCount == 0, !bound.hasConnections else { return }
        report(publisher.everybodyIsGone(), of: publisher)
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
        guard slot.pointee.tick.begins(at: clinux_coarse_ns()) else { return }
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
