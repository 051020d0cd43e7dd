// SPDX-License-Identifier: Apache-2.0

/// Who has subscribed to what at a publisher, kept from the notifications libzmq's XPUB hands out.
///
/// A notification names the descriptor of the connection it came through, except over inproc and except for those
/// libzmq makes up when a peer is gone. The number per topic follows the notifications and is exact; the descriptors
/// serve to count a subscriber once that has several topics which fit.
struct SubscriptionLedger {
    private struct Entry {
        /// As libzmq's notifications have it.
        var total = 0
        /// Of these, subscriptions of connections that are gone, whose end libzmq has not announced yet.
        var departed = 0
        var sources: Set<Int32> = []

        var count: Int { total - departed }
    }

    private var entries: [[UInt8]: Entry] = [:]

    /// Different topics with at least one subscription.
    var topicCount: Int { entries.count }

    /// - Parameters:
    ///   - source: the connection's descriptor, if known.
    ///   - isOutgoing: the link was made by connecting. libzmq keeps such a link's subscriptions over a re-connection
    ///     and reports them again.
    /// - Returns: the topic's new number of subscriptions, or nil if this one was known.
    mutating func subscribed(_ topic: [UInt8], source: Int32?, isOutgoing: Bool = false) -> Int? {
        var entry = entries[topic] ?? Entry()
        if let source {
            let isNew = entry.sources.insert(source).inserted
            if isOutgoing, !isNew { return nil }
        }
        entry.total += 1
        entries[topic] = entry
        return entry.count
    }

    /// - Returns: the topic's new number of subscriptions, or nil if it has not changed.
    mutating func unsubscribed(_ topic: [UInt8], source: Int32?) -> Int? {
        guard var entry = entries[topic] else { return nil }
        entry.total -= 1
        let isExpected = source == nil && entry.departed > 0
        if isExpected { entry.departed -= 1 }
        if let source { entry.sources.remove(source) }
        entries[topic] = entry.total > 0 ? entry : nil
        return isExpected ? nil : entry.count
    }

    /// A connection is gone, and what it had subscribed to does not count any more.
    ///
    /// For an accepted connection libzmq announces the end of each subscription, sooner or later than it says that the
    /// connection is gone; for an outgoing one it does not.
    ///
    /// - Returns: the topics that lost a subscription here, with their new numbers.
    mutating func connectionLost(_ source: Int32, isOutgoing: Bool) -> [(topic: [UInt8], count: Int)] {
        var changed: [(topic: [UInt8], count: Int)] = []
        for (topic, entry) in entries where entry.sources.contains(source) {
            var entry = entry
            // With more sources than subscriptions, libzmq has announced the end already.
            let isAnnounced = entry.sources.count > entry.count
            entry.sources.remove(source)
            if isOutgoing {
                entry.total -= 1
            } else if !isAnnounced {
                entry.departed += 1
            }
            if isOutgoing || !isAnnounced { changed.append((topic, entry.count)) }
            entries[topic] = entry.total > 0 ? entry : nil
        }
        return changed
    }

    /// How many subscribers a message of this topic reaches: those with a subscription that is a prefix of it.
    func subscribers(of topic: [UInt8]) -> Int {
        var known: Set<Int32> = []
        var total = 0
        var unknown = 0
        for length in 0...topic.count {
            guard let entry = entries[Array(topic[..<length])] else { continue }
            total += entry.count
            unknown += max(0, entry.count - entry.sources.count)
            known.formUnion(entry.sources)
        }
        return min(total, known.count + unknown)
    }
}
