// SPDX-License-Identifier: Apache-2.0

/// The subscriptions to one topic.
struct TopicAudience {
    typealias Source = MessageSources.Number

    /// As libzmq's notifications have it.
    private var total: Int32 = 0
    /// Of these, subscriptions of connections that are gone, whose end libzmq has not announced yet. One whose end is
    /// never announced does no harm: it stands for the next one's that is gone.
    private var departed: Int32 = 0
    private(set) var sources: Set<Source> = []

    var count: Int { Int(total - departed) }

    /// With those whose end has not been announced.
    var connections: Int { Int(max(0, total)) }

    var isOver: Bool { total <= 0 }

    /// The only one who has subscribed; nil if there are others, or may be.
    var only: Source? { total == 1 && departed == 0 && sources.count == 1 ? sources.first : nil }

    /// The end of a source's subscription has been announced, and the loss of the connection is still to come.
    private var isOneAnnounced: Bool { sources.count > count }

    /// - Returns: the new number of subscriptions, or nil if this one was known.
    mutating func subscribed(_ source: Source?) -> Int? {
        // A subscriber that repeats itself. libzmq announces one end for all of a connection.
        if let source, !sources.insert(source).inserted { return nil }
        total += 1
        return count
    }

    /// - Returns: the new number of subscriptions, or nil if it has not changed.
    mutating func unsubscribed(_ source: Source?) -> Int? {
        let before = count
        if let source {
            // libzmq hands out the end of what a peer never had, too; that is nobody's.
            guard sources.remove(source) != nil else { return nil }
            total -= 1
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
    }

    /// The connection is gone. See ``SubscriptionLedger/connectionLost(_:isOutgoing:atMost:)``.
    ///
    /// - Returns: the new number of subscriptions, or nil if it has not changed.
    mutating func lost(_ source: Source, isOutgoing: Bool) -> Int? {
        let isAnnounced = isOneAnnounced
        guard sources.remove(source) != nil else { return nil }
        if isOutgoing {
            total -= 1
        } else if isAnnounced {
            return nil
        } else {
            departed += 1
        }
        return count
    }
}
