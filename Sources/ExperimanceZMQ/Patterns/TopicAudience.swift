// SPDX-License-Identifier: Apache-2.0

/// The subscriptions to one topic.
struct TopicAudience {
    /// What is not sure about the subscription of a source.
    private enum Doubt {
        /// It has subscribed again: a subscriber that repeats itself, or a later connection with a descriptor that was
        /// used before.
        case repeated
        /// It was of a connection that is gone, or of a later one with the same descriptor: what libzmq announces next
        /// tells.
        case uncertain
    }

    struct Loss {
        /// The new number of subscriptions, if it changes.
        var count: Int?
        /// It was found to be higher.
        var isHigher = false
    }

    /// As libzmq's notifications have it.
    private var total: Int32 = 0
    /// Of these, subscriptions of connections that are gone, whose end libzmq has not announced yet. One whose end is
    /// never announced does no harm: it stands for the next one's that is gone.
    private var departed: Int32 = 0
    private(set) var sources: Set<Int32> = []
    private var doubts: [Int32: Doubt] = [:]

    var count: Int { Int(total - departed) }

    /// Of what is repeated a part may be a later connection's, which the end of the former one will show.
    var isOver: Bool { total <= 0 && !doubts.values.contains(.repeated) }

    /// The end of a source's subscription has been announced, and the loss of the connection is still to come.
    private var isOneAnnounced: Bool { sources.count > count }

    /// - Returns: the new number of subscriptions, or nil if this one was known.
    mutating func subscribed(_ source: Int32?, isOutgoing: Bool) -> Int? {
        if let source, !sources.insert(source).inserted {
            guard doubts[source] == .uncertain else {
                // libzmq announces one end for all of a connection.
                if !isOutgoing { doubts[source] = .repeated }
                return nil
            }
            // So the one before was not the later connection's.
            doubts[source] = nil
        }
        total += 1
        return count
    }

    /// - Returns: the new number of subscriptions, or nil if it has not changed.
    mutating func unsubscribed(_ source: Int32?) -> Int? {
        let before = count
        if let source {
            // libzmq hands out the end of what a peer never had, too; that is nobody's.
            guard sources.contains(source) else { return nil }
            switch doubts.removeValue(forKey: source) {
            case .uncertain:
                // If it was the former connection's after all, libzmq announces its end as well.
                sources.remove(source)
                departed += 1
            case .repeated where isOneAnnounced:
                // The later connection's is what ends; only the former one's was counted, and has ended before.
                break
            case .repeated, nil:
                sources.remove(source)
                total -= 1
            }
        } else {
            total -= 1
            if departed > 0 { departed -= 1 }
        }
        return count == before ? nil : count
    }

    /// See ``SubscriptionLedger/everybodyIsGone()``.
    mutating func everybodyIsGone() {
        departed = total
        sources = []
        doubts = [:]
    }

    /// The connection is gone. See ``SubscriptionLedger/connectionLost(_:isOutgoing:isUsedAgain:)``.
    mutating func lost(_ source: Int32, isOutgoing: Bool, isUsedAgain: Bool) -> Loss {
        guard sources.contains(source) else { return Loss() }
        let isAnnounced = isOneAnnounced
        let isReplaced = doubts.removeValue(forKey: source) == .repeated && isUsedAgain
        if isUsedAgain, !isReplaced, !isAnnounced, !isOutgoing {
            // If it was of the connection that is gone, its end is still to be announced.
            doubts[source] = .uncertain
            return Loss()
        }
        if isReplaced { total += 1 } else { sources.remove(source) }
        if isOutgoing {
            total -= 1
        } else if !isAnnounced {
            departed += 1
        }
        // What was announced was the end of the former connection's, and the later one has one of its own.
        let isHigher = isReplaced && isAnnounced && !isOutgoing
        let hasChanged = isHigher || (!isReplaced && (isOutgoing || !isAnnounced))
        return Loss(count: hasChanged ? count : nil, isHigher: isHigher)
    }
}
