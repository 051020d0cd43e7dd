// SPDX-License-Identifier: Apache-2.0

import LibC
public import Synchronization

/// Messages that were received together. Threads and tasks that have the batch take one after the other, without the
/// socket's lock; each message goes to one of them.
///
/// The bytes stay where they are for as long as the batch is there, and a message keeps its batch.
@usableFromInline
@safe
final class MessageBatch: @unchecked Sendable {
    // Unchecked: everything but `taken` is as it was made. Safe: the block is its own.

    /// The number of messages, taken or not.
    @usableFromInline let count: Int
    /// How many have been taken; more than there are once somebody has found none left.
    @usableFromInline let taken = Atomic<Int>(0)
    /// A block of malloc(3), in which the bytes of short messages are, too.
    @usableFromInline let records: UnsafeMutablePointer<BatchRecord>
    @usableFromInline let bytes: UnsafeMutableRawPointer
    /// Messages that are long or have many parts.
    private let held: [ReceivedMessage]

    /// - Parameters:
    ///   - records: the beginning of a block of malloc(3), owned by the batch from now on: `count` of them.
    ///   - bytes: behind them in the block.
    init(
        _ records: UnsafeMutablePointer<BatchRecord>,
        _ bytes: UnsafeMutableRawPointer,
        count: Int,
        held: [ReceivedMessage]
    ) {
        unsafe self.records = records
        unsafe self.bytes = bytes
        self.count = count
        self.held = held
    }

    deinit {
        unsafe free(records)
    }

    // MARK: Taking

    /// The next message that nobody has taken; nil if there is none left.
    @inlinable
    func take() -> Int? {
        let index = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < count ? index : nil
    }

    /// Takes all that nobody has taken.
    func takeAll() -> Range<Int> {
        min(taken.exchange(count, ordering: .relaxed), count)..<count
    }

    /// What nobody has taken, as far as others do not take it at this moment.
    var left: Range<Int> { min(taken.load(ordering: .relaxed), count)..<count }

    // MARK: Content

    /// The bytes of the last part, for as long as the batch is there.
    @inlinable
    func payload(of index: Int) -> UnsafeRawBufferPointer {
        guard index >= 0, index < count else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
        let record = unsafe records[index]
        guard record.held < 0 else { return unsafe heldPayload(of: index) }
        let start = unsafe bytes + Int(record.offset)
        return unsafe record.second < 0
            ? UnsafeRawBufferPointer(start: start, count: Int(record.first))
            : UnsafeRawBufferPointer(start: start + Int(record.first), count: Int(record.second))
    }

    @usableFromInline
    func heldPayload(of index: Int) -> UnsafeRawBufferPointer {
        unsafe part(partCount(of: index) - 1, of: index) ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    func partCount(of index: Int) -> Int {
        guard let record = record(index) else { return 0 }
        if record.held >= 0 { return held[Int(record.held)].partCount }
        return record.second < 0 ? 1 : 2
    }

    /// The bytes of a part, for as long as the batch is there; nil if there is no such part.
    func part(_ part: Int, of index: Int) -> UnsafeRawBufferPointer? {
        guard let record = record(index) else { return nil }
        if record.held >= 0 { return unsafe held[Int(record.held)].bytes(ofPart: part) }
        let start = unsafe bytes + Int(record.offset)
        switch part {
        case 0: return unsafe UnsafeRawBufferPointer(start: start, count: Int(record.first))
        case 1 where record.second >= 0:
            return unsafe UnsafeRawBufferPointer(start: start + Int(record.first), count: Int(record.second))
        default: return nil
        }
    }

    /// The message, if it is one that is kept as it came.
    func held(_ index: Int) -> ReceivedMessage? {
        guard let record = record(index), record.held >= 0 else { return nil }
        return held[Int(record.held)]
    }

    /// A message's parts for somebody else. What is long is not copied. Nil without memory.
    func share(_ index: Int) -> SharedParts? {
        if let message = held(index) { return message.uncut.share() }
        return unsafe SharedParts(count: partCount(of: index), size: totalSize(of: index)) { number, message in
            unsafe part(number, of: index).map { unsafe OutgoingMessage.fill(message, with: $0) } ?? false
        }
    }

    /// Bytes of all parts.
    func totalSize(of index: Int) -> Int {
        guard let record = record(index) else { return 0 }
        if record.held >= 0 { return held[Int(record.held)].totalSize }
        return Int(record.first) + max(0, Int(record.second))
    }

    private func record(_ index: Int) -> BatchRecord? {
        unsafe index >= 0 && index < count ? records[index] : nil
    }
}

/// Where a message of a batch is.
@usableFromInline
struct BatchRecord {
    /// Of its first byte, among the bytes of the batch.
    @usableFromInline var offset: Int32 = 0
    /// The size of its first part.
    @usableFromInline var first: Int32 = 0
    /// The size of its second part, which follows the first; -1 if there is none.
    @usableFromInline var second: Int32 = -1
    /// Its place among those that are held; -1 if its bytes are in the batch.
    @usableFromInline var held: Int32 = -1
}

extension MessageBatch {
    /// The most messages in one.
    static let limit = 256
    /// The most bytes of short messages in one.
    static let room = 32_768
}
