// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Where handles lead: slots in chunks that are never freed.
enum SocketTable {
    static let kindTag: UInt64 = 0x53
    /// Slots do not share cache lines.
    private static let stride = (SlotPointer.frontSize + MemoryLayout<SocketSlot>.size + 127) & ~127

    private static let allocation: Guarded<HandleAllocation> = {
        ForkGuard.inChild { resumeInChild() }
        let guarded = Guarded(HandleAllocation(kind: kindTag))
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() { _ = allocation }

    // MARK: Look-up

    /// The slot of a handle; nil if the handle can not be one of this process. The slot's `liveID` has the last word.
    @inline(__always)
    static func slot(of id: UInt64) -> SlotPointer? {
        guard let block = Chunks.block(HandleAllocation.index(of: id), stride: stride, tableRoot) else { return nil }
        return (block + SlotPointer.frontSize).assumingMemoryBound(to: SocketSlot.self)
    }

    /// What is wrong with a handle that leads to no open socket. May be called in a signal handler.
    static func failure(of id: UInt64) -> ZMQSocketError.Code {
        let index = HandleAllocation.index(of: id)
        guard id >> 56 == kindTag, index < used.load(ordering: .acquiring) else { return .handle }
        guard index >= inherited.load(ordering: .acquiring) else { return .forked }
        // One that has been good is a socket that was closed; another one is no handle of ours.
        return slot(of: id)?.front.hasBeenGood(id) == true ? .closed : .handle
    }

    /// Runs `body` with the core of an open socket, under its lock.
    ///
    /// - Throws: `closed`, `forked` or `handle` where there is none, `state` in a signal handler that has interrupted
    ///   who has the lock, and what `body` throws.
    static func withCore<R>(
        of id: UInt64,
        _ body: (SocketCore) throws(ZMQSocketError) -> R
    ) throws(ZMQSocketError) -> R {
        guard let slot = slot(of: id) else { throw ZMQSocketError(failure(of: id)) }
        guard slot.enter() else { throw .inSignalHandler }
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
        let id = allocation.withLock { allocation in
            defer { used.store(allocation.count, ordering: .releasing) }
            return allocation.take { index in
                Chunks.provide(index, stride: stride, tableRoot) { block, index in
                    SlotPointer.initialize(at: block, id: kindTag << 56 | UInt64(index))
                }
            }
        }
        guard let id, let slot = slot(of: id) else {
            throw ZMQSocketError(.limit, message: "no more than \(Chunks.maximumBlocks) sockets can be open")
        }
        return (slot, id)
    }

    /// Gives a slot back. Nothing may refer to its socket any more.
    static func release(_ id: UInt64) {
        allocation.withLock { $0.giveBack(id) }
    }

    // MARK: fork

    /// The child has none of the threads that could give the inherited locks back. So it leaves the inherited slots
    /// alone for good, and its own sockets get slots in new chunks.
    private static func resumeInChild() {
        allocation.withLock { allocation in
            let first = Chunks.forget(allocation.count, tableRoot)
            allocation.leave(upTo: first)
            used.store(first, ordering: .releasing)
            inherited.store(first, ordering: .releasing)
        }
    }
}

extension ZMQSocketError {
    /// A signal handler calls the library, which the thread it runs on has not left.
    package static var inSignalHandler: ZMQSocketError {
        ZMQSocketError(.state, message: "a signal handler has interrupted the library on this thread; call it later")
    }
}

// Outside any type, so that they are initialized at compile time: a lazy global would cost a call on every message, and
// a handler must not be the first to use it.

/// The table of chunks, or 0.
private let tableRoot = Atomic<UInt>(0)
/// Slots from this index on have never been taken.
private let used = Atomic<Int>(0)
/// Slots below this index belong to the process this one was forked from.
private let inherited = Atomic<Int>(0)
