// SPDX-License-Identifier: Apache-2.0

/// What a topic may look like.
enum Topic {
    /// libzmq 4.3.4 garbles subscriptions to topics of 246 to 255 bytes on the wire (fixed in 4.3.5).
    static let garbledLengths = 246...255

    static func isCarried(_ topic: UnsafeRawBufferPointer) -> Bool {
        !garbledLengths.contains(topic.count)
    }

    /// The longest topic to subscribe to, in bytes. A publisher of this library cuts the link to who sends a longer
    /// one, and who did not know would connect and be cut again for ever.
    static let longest: Int64 = 65_536

    static func canBeSubscribed(_ topic: UnsafeRawBufferPointer) -> Bool {
        unsafe isCarried(topic) && topic.count <= longest
    }

    /// Whether what an XSUB is to send is a subscription, or the end of one, that had better not go out: a byte 1 or 0,
    /// and such a topic.
    static func isUnbearable(_ message: UnsafeRawBufferPointer) -> Bool {
        guard let kind = unsafe message.first, kind <= 1 else { return false }
        return unsafe !canBeSubscribed(UnsafeRawBufferPointer(rebasing: message.dropFirst()))
    }
}
