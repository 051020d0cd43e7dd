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
        /// Sources that have subscribed again: a subscriber that repeats itself, or a later connection with a descriptor
        /// that was used before.
        var repeated: Set<Int32> = []
        /// Sources whose subscription was a connection's that is gone, or a later one's with the same descriptor: what
        /// libzmq announces next tells.
        var uncertain: Set<Int32> = []

        var count: Int { total - departed }
    }

    private var entries: [[UInt8]: Entry] = [:]
    /// How many topics there are of each length.
    private var lengths: [Int: Int] = [:]

    /// Different topics with at least one subscription.
    var topicCount: Int { entries.count }

    /// - Parameters:
    ///   - source: the connection's descriptor, if known.
    ///   - isOutgoing: the link was made by connecting. libzmq keeps such a link's subscriptions over a re-connection
    ///     and reports them again.
    /// - Returns: the topic's new number of subscriptions, or nil if this one was known.
    mutating func subscribed(_ topic: [UInt8], source: Int32?, isOutgoing: Bool = false) -> Int? {
        var entry = entries[topic] ?? Entry()
        if let source, !entry.sources.insert(source).inserted {
            if entry.uncertain.remove(source) != nil {
                // So the one before was not the later connection's.
                entry.total += 1
                store(entry, topic)
                return entry.count
            }
            // libzmq announces one end for all of a connection.
            if !isOutgoing {
                entry.repeated.insert(source)
                store(entry, topic)
            }
            return nil
        }
        entry.total += 1
        store(entry, topic)
        return entry.count
    }

    private mutating func store(_ entry: Entry, _ topic: [UInt8]) {
        // Of what is repeated a part may be a later connection's, which the end of the former one will show.
        let stays = entry.total > 0 || !entry.repeated.isEmpty
        let before = entries.updateValue(entry, forKey: topic) != nil
        if !stays { entries[topic] = nil }
        guard stays != before else { return }
        let number = lengths[topic.count, default: 0] + (stays ? 1 : -1)
        lengths[topic.count] = number > 0 ? number : nil
    }

    /// - Returns: the topic's new number of subscriptions, or nil if it has not changed.
    mutating func unsubscribed(_ topic: [UInt8], source: Int32?) -> Int? {
        guard var entry = entries[topic] else { return nil }
        let before = entry.count
        if let source {
            // libzmq hands out the end of what a peer never had as well: that is nobody else's.
            guard entry.sources.contains(source) else { return nil }
            if entry.uncertain.remove(source) != nil {
                // Whose it was stays open. If the former connection's, its end is still announced; if not, one of the end
                // of another's subscription is taken for it, whose loss comes.
                entry.sources.remove(source)
                entry.departed += 1
            } else if entry.repeated.remove(source) != nil, entry.sources.count > entry.count {
                // The later connection's is what ends, and only the former one's was counted, whose end is known.
            } else {
                entry.sources.remove(source)
                entry.total -= 1
            }
        } else {
            entry.total -= 1
            if entry.departed > 0 { entry.departed -= 1 }
        }
        store(entry, topic)
        return entry.count == before ? nil : entry.count
    }

    /// A connection is gone, and what it had subscribed to does not count any more.
    ///
    /// For an accepted connection libzmq announces the end of each subscription, sooner or later than it says that the
    /// connection is gone; for an outgoing one it does not.
    ///
    /// - Parameter isUsedAgain: another connection has been accepted with the same descriptor since, and what came with
    ///   that descriptor may have come through it.
    /// - Returns: the topics whose number changes here, with the new one, and whether it was found to be higher.
    mutating func connectionLost(
        _ source: Int32,
        isOutgoing: Bool,
        isUsedAgain: Bool = false
    ) -> [(topic: [UInt8], count: Int, isHigher: Bool)] {
        var changed: [(topic: [UInt8], count: Int, isHigher: Bool)] = []
        for (topic, entry) in entries where entry.sources.contains(source) {
            var entry = entry
            // With more sources than subscriptions, libzmq has announced the end already.
            let isAnnounced = entry.sources.count > entry.count
            let isReplaced = entry.repeated.remove(source) != nil && isUsedAgain
            if isUsedAgain, !isReplaced, !isAnnounced, !isOutgoing {
                // If it was of the connection that is gone, its end is still to be announced.
                entry.uncertain.insert(source)
                entries[topic] = entry
                continue
            }
            entry.uncertain.remove(source)
            if isReplaced { entry.total += 1 } else { entry.sources.remove(source) }
            if isOutgoing {
                entry.total -= 1
            } else if !isAnnounced {
                entry.departed += 1
            }
            // What was announced was the end of the former connection's, and the later one has one of its own.
            let isHigher = isReplaced && isAnnounced && !isOutgoing
            if isHigher || (!isReplaced && (isOutgoing || !isAnnounced)) {
                changed.append((topic, entry.count, isHigher))
            }
            store(entry, topic)
        }
        return changed
    }

    /// How many subscribers a message of this topic reaches: those with a subscription that is a prefix of it.
    func subscribers(of topic: [UInt8]) -> Int {
        var known: Set<Int32> = []
        var total = 0
        var unknown = 0
        for length in lengths.keys where length <= topic.count {
            guard let entry = entries[Array(topic[..<length])] else { continue }
            total += entry.count
            unknown += max(0, entry.count - entry.sources.count)
            known.formUnion(entry.sources)
        }
        return min(total, known.count + unknown)
    }
}
