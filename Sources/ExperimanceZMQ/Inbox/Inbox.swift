// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// What has been received and could not be handed over: a buffer was too small, a message had several parts, something
/// else was looked for. It comes first in the next receive.
struct Inbox {
    private var messages: Deque<ReceivedMessage> = []

    var isEmpty: Bool { messages.isEmpty }

    var count: Int { messages.count }

    /// Of all of them.
    private(set) var byteCount = 0

    /// The oldest one.
    var first: ReceivedMessage? { messages.first }

    /// Adds the newest one.
    mutating func append(_ message: ReceivedMessage) {
        byteCount += message.totalSize
        messages.append(message)
    }

    /// Makes a message the next one to be received.
    mutating func putBack(_ message: ReceivedMessage) {
        byteCount += message.totalSize
        messages.prepend(message)
    }

    mutating func takeFirst() -> ReceivedMessage? {
        guard let message = messages.popFirst() else { return nil }
        byteCount -= message.totalSize
        return message
    }

    /// What is here belongs to an exchange that is over, or to a socket that is.
    mutating func dropAll() {
        messages = []
        byteCount = 0
    }
}
