// SPDX-License-Identifier: Apache-2.0

/// What an XSUB has subscribed to by calls. Subscriptions that it has sent as messages libzmq alone knows.
///
/// Touched with the lock of its socket held only.
final class SubscriptionSenderRole {
    private var subscriptions = SubscriptionCounts()

    /// Whether a change is to be sent. The end of what is not known here may be that of a message.
    func isSent(_ change: SubscriptionChange, of topic: [UInt8]) -> Bool {
        subscriptions.isNews(change, topic) || change == .unsubscribe && subscriptions.isUnknown(topic)
    }

    /// The change has been sent, or did not have to be.
    func note(_ change: SubscriptionChange, of topic: [UInt8]) { subscriptions.note(change, topic) }
}
