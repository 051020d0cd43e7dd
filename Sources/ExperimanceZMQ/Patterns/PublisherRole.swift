// SPDX-License-Identifier: Apache-2.0

/// What a publisher knows of its subscribers, and what of it is still to be taken in.
///
/// Touched with the lock of its socket held only.
final class PublisherRole {
    /// A subscription, or its end, as libzmq hands it out.
    struct Notice {
        let isSubscription: Bool
        let topic: [UInt8]

        /// Nil for a message that a peer made up.
        ///
        /// - Parameter ifThereIsMemory: it may be of any length, and is none without memory for it.
        init?(_ bytes: UnsafeRawBufferPointer, ifThereIsMemory isOfAnyLength: Bool = false) {
            guard let first = unsafe bytes.first, first <= 1 else { return nil }
            if isOfAnyLength, bytes.count > Topic.longest, !Memory.isThere(2 * bytes.count) { return nil }
            isSubscription = first == 1
            topic = unsafe Array(bytes.dropFirst())
        }
    }

    /// What an XPUB has received.
    struct Arrival {
        let message: ReceivedMessage
        /// What it says of subscriptions, if it does.
        let notice: Notice?
        let source: MessageSources.Number?
    }

    /// What follows from a notice.
    enum Outcome: Equatable {
        case nothing
        /// The subscriber asks whether its subscriptions are here: send it this.
        case echo([UInt8])
        case joined(topic: [UInt8], count: Int)
        case left(topic: [UInt8], count: Int)
    }

    /// Nanoseconds from one look at a publisher that sends to the next. A publish can use up the signal that told of a
    /// new subscription. So a publisher that sends looks for notices once in each tick of the coarse clock, and while
    /// it is busy the supervisor looks again a moment later, until it has been still for one round.
    static let sweepInterval: Int64 = 20 * nanosecondsPerMillisecond
    /// Topics that are gone through in one go: others wait for the lock meanwhile.
    static let portion = 1_000
    /// Nanoseconds after which a portion is enough, however little it was: a single look of libzmq's can take long
    /// where many subscribers come and go.
    static let timeAtOnce = 2 * nanosecondsPerMillisecond
    /// Portions of notices for which the news that a connection is gone waits. Who floods the publisher does not keep
    /// it from noticing that others are gone.
    private static let patience = 100

    /// What an XPUB's application is told of the notices; nil for a PUB's, which is told nothing.
    var rule: NoticeRule?
    /// An XPUB's: `ZMQ_ONLY_FIRST_SUBSCRIBE`.
    var readsFirstPartsOnly = false
    /// Not any more where somebody else decides who has subscribed.
    private(set) var isCounting = true
    private var ledger = SubscriptionLedger()
    private var sources = MessageSources()
    /// Who the sources are, as far as that is known.
    private var peers: [MessageSources.Number: KnownPeer] = [:]
    /// What is to be told of them.
    var news = SubscriberNews()
    private var isSweeping = false
    private var messagesAtLastSweep: UInt64 = 0
    /// What an XPUB has received while a loss is worked off.
    private var postponed: [Arrival] = []
    /// What it took to go through the notices since the last one that an XPUB's application is to have.
    private var effortUntold = 0
    /// There was more than a portion when it was looked at last.
    private var isRestLeft = false
    /// The rest is the supervisor's next job.
    private var isRestScheduled = false
    /// Portions for which the news in front has waited.
    private var portionsWaited = 0

    init(rule: NoticeRule? = nil) {
        self.rule = rule
    }

    // MARK: Notices

    /// A loss is being worked off.
    var isLosing: Bool { ledger.isBusy }

    /// Notices wait while a loss is being worked off: its end is told before what comes after it.
    var isBusy: Bool { isLosing || !postponed.isEmpty }

    /// The source of a message, if others have come from it.
    func known(_ origin: Frame.Origin) -> MessageSources.Number? { sources.known(origin) }

    /// The first message from a source has come, which may show that another one is gone. See
    /// ``MessageSources/meet(_:cookie:keeper:)``.
    ///
    /// - Parameters:
    ///   - isOutgoing: the link with that descriptor was made by connecting.
    ///   - peer: who it is, as far as that is known of the connection.
    ///   - admitted: as whom it was let in, as far as the message says so.
    func meet(
        _ origin: Frame.Origin,
        isOutgoing: Bool,
        cookie: UInt64,
        peer: KnownPeer?,
        admitted: KnownPeer? = nil,
        keeper: AnyObject?
    ) -> (MessageSources.Number, changes: [SubscriptionLedger.Change]) {
        let (number, gone) = sources.meet(origin, cookie: cookie, keeper: keeper)
        peers[number] = admitted?.completed(by: peer) ?? peer
        news.forget(origin.descriptor)
        if peer == nil { news.meet(number, descriptor: origin.descriptor, cookie: cookie) }
        return (number, gone.map { lost($0, isOutgoing: isOutgoing) } ?? [])
    }

    /// Whose subscription a notice that has not been taken yet speaks of. When a peer is gone libzmq does not say it:
    /// then it is known where there is no other one.
    func subscriber(of notice: Notice, source: MessageSources.Number?) -> MessageSources.Number? {
        source ?? (notice.isSubscription ? nil : ledger.only(of: notice.topic))
    }

    /// Who has sent something, as far as that is known.
    func peer(of source: MessageSources.Number?) -> KnownPeer? { source.flatMap { peers[$0] } }

    /// What has waited until it is known who it is about. See ``SubscriberNews/take(_:)``.
    func takeNews(_ find: (_ descriptor: Int32, _ cookie: UInt64) -> KnownPeer?) -> [SubscriberNews.Item] {
        let (items, found) = news.take(find)
        peers.merge(found) { $0.completed(by: $1) }
        return items
    }

    func take(_ notice: Notice, source: MessageSources.Number?) -> Outcome {
        let topic = notice.topic
        if SubscriptionProbe.isProbe(topic) { return notice.isSubscription ? .echo(topic) : .nothing }
        if notice.isSubscription {
            return ledger.subscribed(topic, source: source)
                .map { .joined(topic: topic, count: $0) } ?? .nothing
        }
        return ledger.unsubscribed(topic, source: source).map { .left(topic: topic, count: $0) } ?? .nothing
    }

    /// Takes in a notice that an XPUB's application may get, questions for ``SubscriptionProbe`` included.
    ///
    /// - Returns: whether it is to get it.
    func count(_ notice: Notice, source: MessageSources.Number?) -> Bool {
        let before = ledger.connections(with: notice.topic)
        if notice.isSubscription {
            _ = ledger.subscribed(notice.topic, source: source)
        } else {
            _ = ledger.unsubscribed(notice.topic, source: source)
        }
        let after = ledger.connections(with: notice.topic)
        let isTold = rule?.tells(ofSubscription: notice.isSubscription, before: before, after: after) ?? true
        effortUntold = isTold ? 0 : effortUntold + SubscriptionLedger.effort(byteCount: notice.topic.count)
        return isTold
    }

    /// Whether what an XPUB has received can be counted now; otherwise it waits here.
    func admit(_ arrival: Arrival) -> Bool {
        guard isBusy else { return true }
        postponed.append(arrival)
        return false
    }

    /// How much waits.
    var postponedCount: Int { postponed.count }

    /// What had to wait, first come first, once it can be counted.
    func takePostponed() -> [Arrival] {
        guard !isLosing else { return [] }
        defer { postponed = [] }
        return postponed
    }

    /// From now on nothing is counted.
    func stopCounting() {
        isCounting = false
        ledger = SubscriptionLedger()
        sources.forgetAll()
        peers = [:]
        news.forgetAll()
    }

    /// How many subscribers a message of this topic reaches.
    func subscribers(of topic: [UInt8]) -> Int { ledger.subscribers(of: topic) }

    // MARK: Connections that go

    /// What came through a connection that is gone is no subscription any more; a portion of it.
    func connectionLost(
        _ descriptor: Int32,
        isOutgoing: Bool,
        later: MessageSources.LaterUse
    ) -> [SubscriptionLedger.Change] {
        news.forget(descriptor)
        return sources.ended(descriptor, later: later).map { lost($0, isOutgoing: isOutgoing) } ?? []
    }

    private func lost(_ source: MessageSources.Number, isOutgoing: Bool) -> [SubscriptionLedger.Change] {
        ledger.connectionLost(
            source,
            isOutgoing: isOutgoing,
            peer: peers.removeValue(forKey: source),
            atMost: Self.portion
        )
    }

    /// Nobody is linked, and all that was said until then is known: empty while that is not so.
    func everybodyIsGone() -> [SubscriptionLedger.Change] {
        guard !isRestLeft, !isBusy else { return [] }
        sources.forgetAll()
        peers = [:]
        news.forgetAll()
        return ledger.everybodyIsGone()
    }

    // MARK: One portion after the other

    /// There is more than was taken in.
    ///
    /// - Returns: whether a job has to be made for it.
    func restIsLeft() -> Bool {
        isRestLeft = true
        guard !isRestScheduled else { return false }
        isRestScheduled = true
        return true
    }

    /// The job for the rest: goes on with what was lost.
    func takeRest() -> [SubscriptionLedger.Change] {
        isRestScheduled = false
        beginTaking()
        return takeLosses()
    }

    /// Goes on with what was lost.
    func takeLosses() -> [SubscriptionLedger.Change] { ledger.continueLosses(atMost: Self.portion) }

    func beginPortion() { isRestLeft = false }

    /// A portion is looked at from here on, whatever was before.
    func beginTaking() { effortUntold = 0 }

    /// Whether a receive on an XPUB has gone through enough, or has to wait.
    var leavesRest: Bool { isBusy || effortUntold >= Self.portion }

    /// Whether the portion was all, or enough for the news that waits behind it.
    func portionSuffices() -> Bool {
        guard isRestLeft, portionsWaited < Self.patience else {
            portionsWaited = 0
            return true
        }
        portionsWaited += 1
        return false
    }

    // MARK: A publisher that sends

    /// - Returns: whether a round has to be scheduled.
    func beginSweep(messagesSent: UInt64) -> Bool {
        guard !isSweeping else { return false }
        isSweeping = true
        messagesAtLastSweep = messagesSent
        return true
    }

    /// A round is over. It is followed by another one if something was sent meanwhile.
    func endSweep(messagesSent: UInt64) -> Bool {
        isSweeping = false
        return messagesSent != messagesAtLastSweep && beginSweep(messagesSent: messagesSent)
    }
}
