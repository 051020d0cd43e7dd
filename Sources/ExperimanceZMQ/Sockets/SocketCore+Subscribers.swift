// SPDX-License-Identifier: Apache-2.0

import CLinux

// What notices of subscriptions say, and to whom it is told.
extension SocketCore {
    /// Who has sent a notice; nil over inproc. The frame may be empty then, but for an XPUB.
    func sender(of frame: inout Frame, to publisher: PublisherRole) -> MessageSources.Number? {
        guard let origin = frame.origin else { return nil }
        bound.hasSubscribed(origin.descriptor, cookie: clinux_socket_cookie(origin.descriptor))
        if let known = publisher.known(origin) { return known }
        let cookie = clinux_socket_cookie(origin.descriptor)
        let (number, changes) = publisher.meet(
            origin,
            isOutgoing: connecting.has(descriptor: origin.descriptor),
            cookie: cookie,
            peer: peer(of: origin.descriptor, cookie: cookie),
            keeper: publisher.rule == nil ? KeptFrame(&frame) : KeptFrame(sharing: &frame)
        )
        report(changes)
        return number
    }

    /// Counts a message of one part, if it is a notice.
    ///
    /// - Returns: whether the application is to have it.
    func count(_ frame: inout Frame, _ publisher: PublisherRole) -> Bool {
        let notice = frame.withBytes { unsafe PublisherRole.Notice($0, ifThereIsMemory: true) }
        guard let notice else { return true }
        let isTold = publisher.count(notice, source: sender(of: &frame, to: publisher))
        waiters.wakeAll(.state)
        return isTold
    }

    func report(_ changes: [SubscriptionLedger.Change]) {
        for change in changes {
            report(.subscriberLeft, change.topic, change.count, change.peer)
        }
    }

    func report(_ kind: ZMQEvent.Kind, _ topic: [UInt8], _ count: Int, _ peer: KnownPeer?) {
        defer { waiters.wakeAll(.state) }
        // An XPUB's application gets the notices themselves.
        guard self.kind == .pub else { return }
        var event = ZMQEvent(kind, count: count)
        event.note(topic: topic)
        report(event, of: peer)
    }
}
