// SPDX-License-Identifier: Apache-2.0

/// What a subscriber has subscribed to, and what it has asked its publishers.
///
/// Touched with the lock of its socket held only.
final class SubscriberRole {
    private var subscriptions = SubscriptionCounts()
    /// The answers to the questions under way.
    private var probes: [[UInt8]: ProbeEchoes] = [:]
    /// A publisher has been asked, and may answer at any time from now on.
    private var hasProbed = false
    /// Topics that the answers to others' questions belong to as well.
    private var wideTopics = 0
    /// Goes up when a peer is lost: what was known of peers before is void.
    private(set) var losses: UInt64 = 0

    func peerIsGone() { losses &+= 1 }

    /// Counts a change.
    ///
    /// - Returns: whether libzmq is to hear of it.
    func apply(_ change: SubscriptionChange, to topic: [UInt8]) -> Bool {
        let isNews = subscriptions.isNews(change, topic)
        if isNews, SubscriptionProbe.mayBelong(to: topic) { wideTopics += change == .subscribe ? 1 : -1 }
        subscriptions.note(change, topic)
        return isNews
    }

    /// Whether answers to questions may come, which a receive drops: also to those of others, who has subscribed to
    /// everything.
    var mayGetEchoes: Bool { hasProbed || wideTopics > 0 }

    // MARK: Questions

    /// A question that nobody has asked before.
    func beginProbe() -> [UInt8] {
        hasProbed = true
        let probe = SubscriptionProbe.make()
        probes[probe] = ProbeEchoes()
        return probe
    }

    /// Publishers that have answered.
    func echoes(of probe: [UInt8]) -> Int { probes[probe]?.count ?? 0 }

    func endProbe(_ probe: [UInt8]) { probes[probe] = nil }

    /// What a received message has to do with questions.
    enum Reception: Equatable {
        /// Nothing: it is for the user.
        case message
        /// An answer, to a question that is still asked or not any more.
        case echo(isAwaited: Bool)
    }

    /// - Parameter source: the descriptor of the connection it came through; nil over inproc.
    func receive(_ message: ReceivedMessage, from source: Int32?) -> Reception {
        guard let probe = SubscriptionProbe.answered(by: message) else { return .message }
        guard probes[probe] != nil else { return .echo(isAwaited: false) }
        probes[probe]?.add(from: source)
        return .echo(isAwaited: true)
    }
}
