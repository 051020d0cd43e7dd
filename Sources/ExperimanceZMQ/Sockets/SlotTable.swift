// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a handle can lead to.
protocol HandleSlot: ~Copyable {
    /// Tells its handles from those of others.
    static var kind: UInt64 { get }
    /// Which of its handles are taken.
    static var handles: Guarded<HandleAllocation> { get }

    /// A free one.
    init()
}

/// Where the handles of one kind lead: slots in chunks that are never freed or moved, so that one is found by its index
/// with two loads and no lock, also in a signal handler.
///
/// All of it is known at compile time: a lazy global would cost a call on every message, and a handler must not be the
/// first to use it.
struct SlotTable<Slot: HandleSlot & ~Copyable>: ~Copyable, Sendable {
    typealias Pointer = UnsafeMutablePointer<Slot>

    private typealias ChunkPointer = Atomic<UInt>

    /// The address of the table of chunks, or 0.
    private let root = Atomic<UInt>(0)
    /// Slots from this index on have never been taken.
    private let used = Atomic<Int>(0)
    /// Slots below this index belong to the process this one was forked from.
    private let inherited = Atomic<Int>(0)

    private static var slotsPerChunk: Int { 256 }
    private static var maximumChunks: Int { HandleAllocation.maximumCount / slotsPerChunk }
    /// Slots do not share cache lines.
    private static var stride: Int { (Pointer.frontSize + MemoryLayout<Slot>.size + 127) & ~127 }

    // MARK: Look-up

    @inline(__always)
    private static func index(of id: UInt64) -> Int { Int(truncatingIfNeeded: id & 0xFF_FFFF) }

    /// The slot of a handle; nil if the handle can not be one of this process. The slot has the last word.
    @safe
    @inline(__always)
    func slot(of id: UInt64) -> Pointer? {
        let index = Self.index(of: id)
        guard let chunks = unsafe UnsafeMutablePointer<ChunkPointer>(bitPattern: root.load(ordering: .acquiring)),
            let chunk = unsafe UnsafeMutableRawPointer(
                bitPattern: chunks[index / Self.slotsPerChunk].load(ordering: .acquiring)
            )
        else { return nil }
        let block = unsafe chunk + index % Self.slotsPerChunk * Self.stride
        return unsafe (block + Pointer.frontSize).assumingMemoryBound(to: Slot.self)
    }

    /// What is wrong with a handle that leads to nothing in use. May be called in a signal handler.
    func failure(of id: UInt64) -> ZMQSocketError.Code {
        let index = Self.index(of: id)
        guard id >> 56 == Slot.kind, index < used.load(ordering: .acquiring) else { return .handle }
        guard index >= inherited.load(ordering: .acquiring) else { return .forked }
        // One that has been good is one that was closed; another one is no handle of ours.
        return slot(of: id)?.front.hasBeenGood(id) == true ? .closed : .handle
    }

    // MARK: Allocation

    /// A free slot and the handle it will have.
    @safe
    func allocate() throws(ZMQSocketError) -> (slot: Pointer, id: UInt64) {
        let taken = Slot.handles.withLock { handles in
            defer { used.store(handles.count, ordering: .releasing) }
            return handles.take { index in provide(index) }
        }
        guard let taken, let slot = slot(of: UInt64(taken.index)) else {
            throw ZMQSocketError(.limit, message: "too many handles are open")
        }
        return unsafe (slot, Slot.kind << 56 | UInt64(taken.generation) << 24 | UInt64(taken.index))
    }

    /// Gives a slot back, which nobody refers to any more.
    func release(_ id: UInt64) {
        Slot.handles.withLock { $0.giveBack(Self.index(of: id)) }
    }

    /// Sees to it that there is a slot of that index, which is at most one more than there has been.
    private func provide(_ index: Int) {
        guard index % Self.slotsPerChunk == 0 else { return }
        if root.load(ordering: .relaxed) == 0 {
            let chunks = UnsafeMutablePointer<ChunkPointer>.allocate(capacity: Self.maximumChunks)
            for index in 0..<Self.maximumChunks { unsafe (chunks + index).initialize(to: Atomic(0)) }
            root.store(UInt(bitPattern: chunks), ordering: .releasing)
        }
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: Self.slotsPerChunk * Self.stride, alignment: 128)
        for place in 0..<Self.slotsPerChunk {
            unsafe Pointer.initialize(at: chunk + place * Self.stride, id: Slot.kind << 56 | UInt64(index + place))
        }
        guard let chunks = unsafe UnsafeMutablePointer<ChunkPointer>(bitPattern: root.load(ordering: .relaxed)) else {
            return
        }
        unsafe chunks[index / Self.slotsPerChunk].store(UInt(bitPattern: chunk), ordering: .releasing)
    }

    // MARK: fork

    /// The child has none of the threads that could give the inherited locks back. So it leaves the inherited slots
    /// alone for good, and what it opens gets slots in new chunks.
    func resumeInChild() {
        Slot.handles.withLock { handles in
            let chunkCount = (handles.count + Self.slotsPerChunk - 1) / Self.slotsPerChunk
            if let chunks = unsafe UnsafeMutablePointer<ChunkPointer>(bitPattern: root.load(ordering: .relaxed)) {
                for index in 0..<chunkCount { unsafe chunks[index].store(0, ordering: .releasing) }
            }
            let first = chunkCount * Self.slotsPerChunk
            handles.leave(upTo: first)
            used.store(first, ordering: .releasing)
            inherited.store(first, ordering: .releasing)
        }
    }
}

/// In front of a slot lie its lock and what it is cancelled by. No fields of it: changing a field counts as a change of
/// the whole struct, for Swift's rules as for the thread sanitizer. Safe: slots are there for ever.
extension UnsafeMutablePointer where Pointee: HandleSlot & ~Copyable {
    @safe
    fileprivate static var frontSize: Int { unsafe lockSize + (MemoryLayout<Cancelable>.size + 7) & ~7 }

    private static var lockSize: Int { MemoryLayout<Atomic<UInt>>.stride }

    /// Makes a free slot, with what belongs in front.
    fileprivate static func initialize(at block: UnsafeMutableRawPointer, id: UInt64) {
        unsafe block.bindMemory(to: Atomic<UInt>.self, capacity: 1).initialize(to: Atomic(0))
        unsafe (block + lockSize).bindMemory(to: Cancelable.self, capacity: 1).initialize(to: Cancelable(id: id))
        unsafe (block + frontSize).bindMemory(to: Pointee.self, capacity: 1).initialize(to: Pointee())
    }

    @safe
    var front: CancelablePointer {
        unsafe (UnsafeMutableRawPointer(self) - Self.frontSize + Self.lockSize).assumingMemoryBound(to: Cancelable.self)
    }

    @safe
    @inline(__always)
    private var futexLock: FutexLock {
        unsafe FutexLock(
            word: (UnsafeMutableRawPointer(self) - Self.frontSize).assumingMemoryBound(to: Atomic<UInt>.self)
        )
    }

    /// Takes the lock. False, at once, if the calling thread has it: in a signal handler that has interrupted a call on
    /// the same slot.
    @safe
    @inline(__always)
    func take() -> Bool { futexLock.take() }

    /// Takes the lock, which the calling thread does not have.
    @safe
    @inline(__always)
    func lock() { futexLock.lock() }

    /// Takes the lock if nobody has it.
    @safe
    func tryTake() -> Bool { futexLock.tryTake() }

    @safe
    @inline(__always)
    func unlock() { futexLock.unlock() }
}
