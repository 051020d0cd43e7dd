// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Where handles lead: slots in chunks that are never freed.
///
/// A handle is 8 bits of kind, 32 bits of generation and 24 bits of index. The generation of a slot goes up when a
/// socket leaves it, so a handle answers for one socket only, for ever.
enum SocketTable {
    static let kindTag: UInt64 = 0x53
    private static let indexBits: UInt64 = 24
    private static let indexMask: UInt64 = (1 << indexBits) - 1
    private static let slotsPerChunk = 256
    private static let maximumChunks = Int((indexMask + 1)) / slotsPerChunk
    /// Slots do not share cache lines.
    private static let stride = (SlotPointer.lockSize + MemoryLayout<SocketSlot>.size + 127) & ~127

    private typealias ChunkPointer = Atomic<UInt>

    private struct Allocation {
        var used = 0
        var free: [Int] = []
        /// Slots below this index belong to the process this one was forked from.
        var inherited = 0
    }

    private static let allocation: Guarded<Allocation> = {
        ForkGuard.beforeFork { _ = allocation }
        ForkGuard.inChild { resumeInChild() }
        let guarded = Guarded(Allocation())
        ForkGuard.protect(guarded)
        return guarded
    }()

    // MARK: Look-up

    /// The slot of a handle; nil if the handle can not be one of this process. The slot's `liveID` has the last word.
    @inline(__always)
    static func slot(of id: UInt64) -> SlotPointer? {
        let index = Int(truncatingIfNeeded: id & indexMask)
        guard let chunks = UnsafeMutablePointer<ChunkPointer>(bitPattern: tableRoot.load(ordering: .acquiring)),
            let chunk = UnsafeMutableRawPointer(
                bitPattern: chunks[index / slotsPerChunk].load(ordering: .acquiring)
            )
        else { return nil }
        let block = chunk + index % slotsPerChunk * stride
        return (block + SlotPointer.lockSize).assumingMemoryBound(to: SocketSlot.self)
    }

    /// What is wrong with a handle that leads to no open socket.
    static func failure(of id: UInt64) -> ZMQSocketError.Code {
        guard id >> 56 == kindTag else { return .handle }
        let index = Int(id & indexMask)
        let (used, inherited) = allocation.withLock { ($0.used, $0.inherited) }
        guard index < used else { return .handle }
        guard index >= inherited else { return .forked }
        guard let slot = slot(of: id) else { return .handle }
        slot.lock()
        defer { slot.unlock() }
        let generation = UInt32(truncatingIfNeeded: id >> indexBits)
        // A generation that has been is a socket that was closed; one that has not is no handle of ours.
        return slot.pointee.generation &- generation < UInt32.max / 2 && generation != 0 ? .closed : .handle
    }

    /// Runs `body` with the core of an open socket, under its lock.
    ///
    /// - Throws: `closed`, `forked` or `handle` where there is none, and what `body` throws.
    static func withCore<R>(
        of id: UInt64,
        _ body: (SocketCore) throws(ZMQSocketError) -> R
    ) throws(ZMQSocketError) -> R {
        guard let slot = slot(of: id) else { throw ZMQSocketError(failure(of: id)) }
        slot.lock()
        guard let core = slot.core(of: id) else {
            slot.unlock()
            throw ZMQSocketError(failure(of: id))
        }
        defer { core.unlock() }
        return try body(core)
    }

    // MARK: Allocation

    /// A free slot and the handle it will have.
    static func allocate() throws(ZMQSocketError) -> (slot: SlotPointer, id: UInt64) {
        let index: Int? = allocation.withLock { allocation in
            if let index = allocation.free.popLast() { return index }
            guard allocation.used < slotsPerChunk * maximumChunks else { return nil }
            if allocation.used % slotsPerChunk == 0 { addChunk(at: allocation.used / slotsPerChunk) }
            defer { allocation.used += 1 }
            return allocation.used
        }
        guard let index, let slot = slot(of: UInt64(index)) else {
            throw ZMQSocketError(.limit, message: "no more than \(slotsPerChunk * maximumChunks) sockets can be open")
        }
        slot.lock()
        defer { slot.unlock() }
        // Generation 0 is never used: a zeroed handle must not be valid.
        slot.pointee.generation &+= 1
        if slot.pointee.generation == 0 { slot.pointee.generation = 1 }
        return (slot, kindTag << 56 | UInt64(slot.pointee.generation) << indexBits | UInt64(index))
    }

    /// Gives a slot back. Nothing may refer to its socket any more.
    static func release(_ id: UInt64) {
        allocation.withLock { $0.free.append(Int(id & indexMask)) }
    }

    private static func addChunk(at index: Int) {
        if tableRoot.load(ordering: .relaxed) == 0 {
            let chunks = UnsafeMutablePointer<ChunkPointer>.allocate(capacity: maximumChunks)
            for index in 0..<maximumChunks { (chunks + index).initialize(to: Atomic(0)) }
            tableRoot.store(UInt(bitPattern: chunks), ordering: .releasing)
        }
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: slotsPerChunk * stride, alignment: 128)
        for index in 0..<slotsPerChunk {
            SlotPointer.initialize(at: chunk + index * stride)
        }
        guard let chunks = UnsafeMutablePointer<ChunkPointer>(bitPattern: tableRoot.load(ordering: .relaxed)) else {
            return
        }
        chunks[index].store(UInt(bitPattern: chunk), ordering: .releasing)
    }

    // MARK: fork

    /// The child has none of the threads that could give the inherited locks back. So it leaves the inherited slots
    /// alone for good, and its own sockets get slots in new chunks.
    private static func resumeInChild() {
        allocation.withLock { allocation in
            let chunksUsed = (allocation.used + slotsPerChunk - 1) / slotsPerChunk
            allocation.used = chunksUsed * slotsPerChunk
            allocation.inherited = allocation.used
            allocation.free = []
            guard let chunks = UnsafeMutablePointer<ChunkPointer>(bitPattern: tableRoot.load(ordering: .relaxed))
            else { return }
            for index in 0..<chunksUsed { chunks[index].store(0, ordering: .releasing) }
        }
    }
}

/// The table of chunks, or 0. Alone and outside any type, so that it is initialized at compile time: a lazy global
/// would cost a call on every message.
private let tableRoot = Atomic<UInt>(0)
