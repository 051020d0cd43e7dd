// SPDX-License-Identifier: Apache-2.0

import LibC
import Synchronization

/// A batch that is being filled. It has one owner at a time, who sees to it that there is room: what adds a record does
/// not look, and is unsafe.
@safe
final class BatchBuilder {
    // Searched for overlapping accesses in debug builds, by the tests, and not for every message of a user's.
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    private var records: UnsafeMutablePointer<BatchRecord>
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    private var bytes: UnsafeMutableRawPointer
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    private var held: [ReceivedMessage] = []
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    private(set) var count = 0
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    private(set) var size = 0
    /// Bytes of what is held. How large messages are, the senders choose: of long ones a batch has few.
    private var heldSize = 0
    static let heldRoom = 256 << 10
    private let limit: Int
    private let room: Int

    /// Nil without memory.
    ///
    /// - Parameters:
    ///   - limit: the most messages.
    ///   - room: the most bytes of short messages.
    init?(limit: Int, room: Int) {
        guard let block = unsafe Self.block(limit, room) else { return nil }
        unsafe (records, bytes) = block
        self.limit = limit
        self.room = room
    }

    deinit {
        unsafe free(records)
    }

    private typealias Block = (records: UnsafeMutablePointer<BatchRecord>, bytes: UnsafeMutableRawPointer)

    /// Memory for records, and behind them for bytes: one block of malloc(3). Nil if there is none.
    private static func block(_ limit: Int, _ room: Int) -> Block? {
        let recordSize = limit * MemoryLayout<BatchRecord>.stride
        guard let block = unsafe malloc(recordSize + room) else { return nil }
        return unsafe (block.bindMemory(to: BatchRecord.self, capacity: limit), block + recordSize)
    }

    /// Whether there is room for one more short message of that size.
    func hasRoom(for size: Int) -> Bool { count < limit && size <= room - self.size }

    var isFull: Bool { count >= limit || size >= room || heldSize >= Self.heldRoom }

    /// Adds a message of one part, for which there is room.
    @inline(__always)
    func add(_ data: UnsafeRawPointer?, _ size: Int) {
        let offset = self.size
        unsafe copy(data, size)
        unsafe finish(from: offset, first: size, second: nil)
    }

    /// Adds bytes to the message that is begun.
    func copy(_ data: UnsafeRawPointer?, _ count: Int) {
        guard let data = unsafe data, count > 0 else { return }
        unsafe (bytes + size).copyMemory(from: data, byteCount: count)
        size += count
    }

    /// Ends the message whose parts have been copied.
    @unsafe
    func finish(from offset: Int, first: Int, second: Int?) {
        unsafe (records + count).initialize(
            to: BatchRecord(
                offset: Int32(truncatingIfNeeded: offset),
                first: Int32(truncatingIfNeeded: first),
                second: second.map { Int32(truncatingIfNeeded: $0) } ?? -1
            )
        )
        count += 1
    }

    /// What has been copied of a message.
    @safe
    func withBytes<Result>(from offset: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(start: bytes + offset, count: size - offset))
    }

    /// Takes back what has been copied of a message.
    func rewind(to offset: Int) { size = offset }

    /// Adds a message as it is.
    @unsafe
    func hold(_ message: ReceivedMessage) {
        unsafe (records + count).initialize(to: BatchRecord(held: Int32(truncatingIfNeeded: held.count)))
        held.append(message)
        heldSize += message.totalSize
        count += 1
    }

    /// What has been added, in a block that is at most twice as large as it has to be. Nil without memory, or if it is
    /// nothing.
    func takeBatch() -> MessageBatch? {
        guard count > 0, let block = unsafe isHalfFull ? leaveBlock() : copyBlock() else { return nil }
        defer { (held, count, size, heldSize) = ([], 0, 0, 0) }
        return unsafe MessageBatch(block.records, block.bytes, count: count, held: held)
    }

    private var isHalfFull: Bool {
        let empty = (limit - count) * MemoryLayout<BatchRecord>.stride + room - size
        return empty <= count * MemoryLayout<BatchRecord>.stride + size
    }

    /// Gives the block away, with all that is in it, and goes on with another.
    private func leaveBlock() -> Block? {
        guard let next = unsafe Self.block(limit, room) else { return nil }
        defer { unsafe (records, bytes) = next }
        return unsafe (records, bytes)
    }

    private func copyBlock() -> Block? {
        guard let copy = unsafe Self.block(count, size) else { return nil }
        unsafe copy.records.initialize(from: records, count: count)
        unsafe copy.bytes.copyMemory(from: bytes, byteCount: size)
        return unsafe copy
    }
}

extension BatchBuilder {
    /// One that nobody uses, or 0. With one for all sockets its memory is in the processor's cache, also where many
    /// sockets are in use, and those that are idle have none.
    private static let spare = Atomic<UInt>(0)

    /// The one that is left, whoever has used it.
    static func takeSpare() -> BatchBuilder? {
        guard spare.load(ordering: .relaxed) != 0,
            let left = unsafe UnsafeRawPointer(bitPattern: spare.exchange(0, ordering: .acquiring))
        else { return nil }
        return unsafe Unmanaged<BatchBuilder>.fromOpaque(left).takeRetainedValue()
    }

    /// Leaves an empty one for whoever needs it next, if there is none yet.
    func leaveAsSpare() {
        let own = unsafe Unmanaged.passRetained(self)
        let isTaken = unsafe Self.spare.compareExchange(
            expected: 0,
            desired: UInt(bitPattern: own.toOpaque()),
            ordering: .releasing
        ).exchanged
        if !isTaken { unsafe own.release() }
    }
}
