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
            // The message says it for certain, whatever is known of the connection.
            admitted: entrance == nil ? nil : KnownPeer(admittedSenderOf: &frame),
            keeper: publisher.rule == nil ? KeptFrame(&frame) : KeptFrame(sharing: &frame)
        )
        report(changes, of: publisher)
        return number
    }

    /// Tells of subscriptions that have ended with their connection.
    func report(_ changes: [SubscriptionLedger.Change], of publisher: PublisherRole) {
        for change in changes {
            tell(
                SubscriberNews.Item(
                    kind: .left,
                    topic: change.topic,
                    count: change.count,
                    peer: change.peer,
                    source: nil
                ),
                publisher
            )
        }
    }

    /// Tells of a subscription that has come or ended.
    func tell(
        _ kind: SubscriberNews.Item.Kind,
        _ topic: [UInt8],
        _ count: Int,
        of source: MessageSources.Number?,
        _ publisher: PublisherRole
    ) {
        let peer = publisher.peer(of: source)
        tell(SubscriberNews.Item(kind: kind, topic: topic, count: count, peer: peer, source: source), publisher)
    }

    /// At once, or when it can be known whose it is.
    private func tell(_ item: SubscriberNews.Item, _ publisher: PublisherRole) {
        waiters.wakeAll(.state)
        // An XPUB's application gets the notices themselves.
        guard kind == .pub else { return }
        guard publisher.news.hold(item) else { return report(item) }
        if publisher.news.isFull { return tellNews(of: publisher) }
        guard publisher.news.isFirst else { return }
        // An alarm of now comes after all that the monitor has told by now.
        _ = context.supervisor.schedule(at: .now()) { [weak self] in
            self?.locked { if let self, let publisher = self.role.publisher { self.tellNews(of: publisher) } }
        }
    }

    private func tellNews(of publisher: PublisherRole) {
        for item in publisher.takeNews({ peer(of: $0, cookie: $1) }) { report(item) }
    }

    private func report(_ item: SubscriberNews.Item) {
        var event = ZMQEvent(item.kind == .joined ? .subscriberJoined : .subscriberLeft, count: item.count)
        event.note(topic: item.topic)
        report(event, of: item.peer)
    }
}
