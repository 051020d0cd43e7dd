// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// Who has subscribed to what at a publisher, kept from the notifications libzmq's XPUB hands out.
///
/// A notification names the connection it came through (``MessageSources``), except over inproc and except for
/// those libzmq makes up when a peer is gone. The number per topic follows the notifications and is exact; the sources
/// serve to count a subscriber once that has several topics which fit, and to ignore what a peer says of others'.
struct SubscriptionLedger {
    typealias Source = MessageSources.Number

    struct Change {
        let topic: [UInt8]
        let count: Int
        /// Whose subscription that was, as far as it is known.
        var peer: KnownPeer?
    }

    /// A connection that is gone, whose topics are being gone through.
    private struct Departure {
        let source: Source
        let isOutgoing: Bool
        let peer: KnownPeer?
        var topics: Set<[UInt8]> = []
        /// The topic that is next.
        var next: Set<[UInt8]>.Index?
    }

    private var audiences: [[UInt8]: TopicAudience] = [:]
    /// The topics of each source: what has to be gone through when it is lost.
    private var topics: [Source: Set<[UInt8]>] = [:]
    private var departures: Deque<Departure> = []
    /// How many topics there are of each length.
    private var lengths: [Int: Int] = [:]

    /// Different topics with at least one subscription.
    var topicCount: Int { audiences.count }

    /// A loss has not been worked off yet. What notifications say may come after it, so they have to wait.
    var isBusy: Bool { !departures.isEmpty }

    /// - Parameter source: the connection, if known.
    /// - Returns: the topic's new number of subscriptions, or nil if this one was known.
    mutating func subscribed(_ topic: [UInt8], source: Source?) -> Int? {
        let topicsBefore = audiences.count
        let count = audiences[topic, default: TopicAudience()].subscribed(source)
        if audiences.count > topicsBefore { lengths[topic.count, default: 0] += 1 }
        if let source { topics[source, default: []].insert(topic) }
        return count
    }

    /// - Returns: the topic's new number of subscriptions, or nil if it has not changed.
    mutating func unsubscribed(_ topic: [UInt8], source: Source?) -> Int? {
        guard let index = audiences.index(forKey: topic) else { return nil }
        let count = audiences.values[index].unsubscribed(source)
        if let source, !audiences.values[index].sources.contains(source) { forget(topic, of: source) }
        removeIfOver(index)
        return count
    }

    /// How many connections libzmq has that topic of, of those whose end it has not announced included.
    func connections(with topic: [UInt8]) -> Int { audiences[topic]?.connections ?? 0 }

    /// The only subscriber of a topic; nil if there are others, or may be.
    func only(of topic: [UInt8]) -> Source? { audiences[topic]?.only }

    /// A connection is gone, and what it had subscribed to does not count any more.
    ///
    /// For an accepted connection libzmq announces the end of each subscription, sooner or later than it says that the
    /// connection is gone; for an outgoing one it does not.
    ///
    /// - Parameters:
    ///   - isOutgoing: the link was made by connecting. libzmq keeps such a link's subscriptions over a re-connection
    ///     and reports them again.
    ///   - peer: who it was.
    ///   - limit: topics that are gone through here; ``continueLosses(atMost:)`` does the rest.
    /// - Returns: the topics whose number changes.
    mutating func connectionLost(
        _ source: Source,
        isOutgoing: Bool,
        peer: KnownPeer? = nil,
        atMost limit: Int = .max
    ) -> [Change] {
        departures.append(Departure(source: source, isOutgoing: isOutgoing, peer: peer))
        return continueLosses(atMost: limit)
    }

    mutating func continueLosses(atMost limit: Int) -> [Change] {
        var changes: [Change] = []
        var left = limit
        while left > 0, var departure = departures.popFirst() {
            if departure.next == nil {
                departure.topics = topics.removeValue(forKey: departure.source) ?? []
                departure.next = departure.topics.startIndex
            }
            workOff(&departure, &left, &changes)
            if departure.next != departure.topics.endIndex { departures.prepend(departure) }
        }
        return changes
    }

    private mutating func workOff(_ departure: inout Departure, _ left: inout Int, _ changes: inout [Change]) {
        while left > 0, let next = departure.next, next != departure.topics.endIndex {
            let topic = departure.topics[next]
            departure.next = departure.topics.index(after: next)
            left -= Self.effort(byteCount: topic.count)
            guard let index = audiences.index(forKey: topic) else { continue }
            if let count = audiences.values[index].lost(departure.source, isOutgoing: departure.isOutgoing) {
                changes.append(Change(topic: topic, count: count, peer: departure.peer))
            }
            removeIfOver(index)
        }
    }

    /// What a topic costs to go through, where most cost 1.
    static func effort(byteCount: Int) -> Int { 1 + byteCount / 1_024 }

    private mutating func removeIfOver(_ index: [[UInt8]: TopicAudience].Index) {
        guard audiences.values[index].isOver else { return }
        let (topic, audience) = audiences.remove(at: index)
        for source in audience.sources { forget(topic, of: source) }
        let number = lengths[topic.count, default: 1] - 1
        lengths[topic.count] = number > 0 ? number : nil
    }

    private mutating func forget(_ topic: [UInt8], of source: Source) {
        topics[source]?.remove(topic)
        if topics[source]?.isEmpty == true { topics[source] = nil }
    }

    /// How many subscribers a message of this topic reaches: those with a subscription that is a prefix of it.
    func subscribers(of topic: [UInt8]) -> Int {
        // Those of a loss that has not been worked off yet are gone already.
        let leaving = Set(departures.lazy.map(\.source))
        var known: Set<Source> = []
        var total = 0
        var unknown = 0
        for length in lengths.keys where length <= topic.count {
            guard let audience = audiences[Array(topic[..<length])] else { continue }
            let present = leaving.isEmpty ? audience.sources : audience.sources.subtracting(leaving)
            let nameless = max(0, audience.count - audience.sources.count)
            total += max(0, min(audience.count, present.count + nameless))
            unknown += nameless
            known.formUnion(present)
        }
        return min(total, known.count + unknown)
    }

    /// Nobody is linked any more, and nothing that anybody has said is still to come: whoever is left here is gone.
    ///
    /// - Returns: the topics whose number changes.
    mutating func everybodyIsGone() -> [Change] {
        topics = [:]
        var changes: [Change] = []
        for index in audiences.values.indices where audiences.values[index].count != 0 {
            audiences.values[index].everybodyIsGone()
            changes.append(Change(topic: audiences.keys[index], count: 0))
        }
        return changes
    }
}
