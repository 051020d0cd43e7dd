// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// What has been received and was not handed over.
///
/// Some messages could not be: a buffer was too small, a message had several parts, something else was looked for.
/// Others were received ahead, together with one that was asked for: these are the older ones, as a batch takes all
/// that is held before it takes anything new. Both come first in the next receive. Only Swift's sockets receive ahead,
/// and take all their messages out of batches.
struct Inbox {
    private var messages: Deque<ReceivedMessage> = []
    private var ahead: MessageBatch?
    /// While a batch is made, and with what could not be made one, for want of memory.
    private var builder: BatchBuilder?

    var isEmpty: Bool { messages.isEmpty && aheadCount == 0 }

    var count: Int { messages.count + aheadCount }

    private var aheadCount: Int { ahead?.left.count ?? 0 }

    /// Bytes of those that were not received ahead.
    private(set) var byteCount = 0

    // MARK: One by one

    /// The oldest one, on a socket that receives nothing ahead.
    var first: ReceivedMessage? { messages.first }

    /// Adds the newest one.
    mutating func append(_ message: ReceivedMessage) {
        message.settle()
        byteCount += message.totalSize
        messages.append(message)
    }

    /// Makes a message the next one to be received.
    mutating func putBack(_ message: ReceivedMessage) {
        message.settle()
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
        endAhead()
    }

    // MARK: Ahead

    /// The oldest message that was received ahead, for whoever takes messages out of batches.
    @inline(__always)
    mutating func takeAhead() -> BatchedMessage? {
        guard let ahead else { return nil }
        if let index = ahead.take() { return BatchedMessage(batch: ahead, index: index) }
        self.ahead = nil
        return nil
    }

    /// Messages that were received ahead and have been counted as received, and their bytes.
    var countedAhead: (count: Int, size: Int) {
        guard let ahead else { return (0, 0) }
        let left = ahead.left
        return (left.count, left.reduce(0) { $0 + ahead.totalSize(of: $1) })
    }

    /// Bytes of all that is here.
    var heldBytes: Int { byteCount + countedAhead.size }

    /// Nobody takes anything out of the batch any more.
    mutating func endAhead() {
        _ = ahead?.takeAll()
        ahead = nil
    }

    /// What a batch is made with; nil without memory.
    mutating func takeBuilder() -> BatchBuilder? {
        let builder = builder ?? .takeSpare() ?? BatchBuilder(limit: MessageBatch.limit, room: MessageBatch.room)
        self.builder = builder
        return builder
    }

    /// Makes a batch of what the builder has: from now on it is what was received ahead.
    ///
    /// - Returns: nil without memory, and the builder keeps what it has for the next one.
    mutating func beginAhead() -> MessageBatch? {
        ahead = builder?.takeBatch()
        if let builder, builder.count == 0 {
            builder.leaveAsSpare()
            self.builder = nil
        }
        return ahead
    }
}

/// One of the messages of a batch, taken.
struct BatchedMessage: Sendable {
    let batch: MessageBatch
    let index: Int
}
