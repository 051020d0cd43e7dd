// SPDX-License-Identifier: Apache-2.0

/// How often a socket has subscribed to each topic.
///
/// libzmq counts, too, but tells the publishers of each repetition, and of one end only. Over inproc they can not know
/// who it is that says it, and would take the repetitions for others' subscriptions.
struct SubscriptionCounts {
    private var counts: [[UInt8]: Int] = [:]

    /// Whether libzmq is to hear of a change: of the first subscription to a topic, and of the end of the last.
    func isNews(_ change: SubscriptionChange, _ topic: [UInt8]) -> Bool {
        let before = counts[topic, default: 0]
        return change == .subscribe ? before == 0 : before == 1
    }

    /// Whether there is no subscription to the topic.
    func isUnknown(_ topic: [UInt8]) -> Bool { counts[topic] == nil }

    mutating func note(_ change: SubscriptionChange, _ topic: [UInt8]) {
        let before = counts[topic, default: 0]
        switch change {
        case .subscribe: counts[topic] = before + 1
        case .unsubscribe: counts[topic] = before > 1 ? before - 1 : nil
        }
    }
}
