// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a canceler's handle leads to.
struct CancelerSeat {
    /// What the attached threads wait on.
    fileprivate var sockets: [SocketCore] = []
    /// While the handle is good.
    fileprivate var canceler: Canceler?
}

typealias CancelerSeatPointer = UnsafeMutablePointer<CancelerSeat>

// The lock is the last one taken: a waiting thread has its socket's.
extension UnsafeMutablePointer<CancelerSeat> {
    static var frontSize: Int { (MemoryLayout<Cancelable>.size + 7) & ~7 }

    fileprivate static func initialize(at block: UnsafeMutableRawPointer, id: UInt64) {
        block.bindMemory(to: Cancelable.self, capacity: 1).initialize(to: Cancelable(id: id))
        (block + frontSize).bindMemory(to: CancelerSeat.self, capacity: 1).initialize(to: CancelerSeat())
    }

    var front: CancelablePointer {
        (UnsafeMutableRawPointer(self) - Self.frontSize).assumingMemoryBound(to: Cancelable.self)
    }

    private func locked<Result>(_ body: (inout CancelerSeat) -> Result) -> Result {
        front.futexLock.lock()
        defer { front.futexLock.unlock() }
        return body(&pointee)
    }

    func settle(_ canceler: Canceler, _ id: UInt64) {
        locked { $0.canceler = canceler }
        front.begin(id)
    }

    func canceler(_ id: UInt64) -> Canceler? {
        locked { seat in front.isGood(id) ? seat.canceler : nil }
    }

    /// - Returns: false if the handle was not good.
    func leave(_ id: UInt64) -> Bool {
        let canceler = locked { seat -> Canceler? in
            guard front.isGood(id) else { return nil }
            front.end()
            defer { seat.canceler = nil }
            return seat.canceler
        }
        // It goes without the lock.
        return canceler != nil
    }

    func begin(_ core: SocketCore) {
        locked { $0.sockets.append(core) }
    }

    func end(_ core: SocketCore) {
        locked { seat in
            if let index = seat.sockets.lastIndex(where: { $0 === core }) { seat.sockets.remove(at: index) }
        }
    }

    /// Wakes the attached threads that wait, without waiting for a lock; false if some could not be woken. May be
    /// called in a signal handler.
    func tryToWake() -> Bool {
        guard front.futexLock.tryTake() else { return false }
        defer { front.futexLock.unlock() }
        var hasWokenAll = true
        for core in pointee.sockets where !core.slot.tryToWake() { hasWokenAll = false }
        return hasWokenAll
    }

    /// The same with the patience that a thread of the library has.
    fileprivate func wake() {
        for core in locked({ $0.sockets }) { core.underLock { core.waiters.wakeEveryone() } }
    }
}

/// Where the handles of cancelers lead, as those of sockets do.
enum CancelerTable {
    static let kindTag: UInt64 = 0x58

    private static let stride = (CancelerSeatPointer.frontSize + MemoryLayout<CancelerSeat>.size + 15) & ~15

    private static let allocation: Guarded<HandleAllocation> = {
        ForkGuard.inChild { resumeInChild() }
        let guarded = Guarded(HandleAllocation(kind: kindTag))
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() { _ = allocation }

    static func seat(of id: UInt64) -> CancelerSeatPointer? {
        guard id >> 56 == kindTag,
            let block = Chunks.block(HandleAllocation.index(of: id), stride: stride, seatRoot)
        else { return nil }
        return (block + CancelerSeatPointer.frontSize).assumingMemoryBound(to: CancelerSeat.self)
    }

    /// What is wrong with a handle that is not good. May be called in a signal handler.
    static func failure(of id: UInt64) -> ZMQSocketError.Code {
        let index = HandleAllocation.index(of: id)
        guard id >> 56 == kindTag, index < used.load(ordering: .acquiring) else { return .handle }
        guard index >= inherited.load(ordering: .acquiring) else { return .forked }
        return seat(of: id)?.front.hasBeenGood(id) == true ? .closed : .handle
    }

    static func allocate() throws(ZMQSocketError) -> (id: UInt64, seat: CancelerSeatPointer) {
        let id = allocation.withLock { allocation in
            defer { used.store(allocation.count, ordering: .releasing) }
            return allocation.take { index in
                Chunks.provide(index, stride: stride, seatRoot) { block, index in
                    CancelerSeatPointer.initialize(at: block, id: kindTag << 56 | UInt64(index))
                }
            }
        }
        guard let id, let seat = seat(of: id) else {
            throw ZMQSocketError(.limit, message: "too many handles are open")
        }
        return (id, seat)
    }

    /// Gives a seat back, which nobody refers to any more.
    static func release(_ id: UInt64) {
        allocation.withLock { $0.giveBack(id) }
    }

    private static func resumeInChild() {
        allocation.withLock { allocation in
            let first = Chunks.forget(allocation.count, seatRoot)
            allocation.leave(upTo: first)
            used.store(first, ordering: .releasing)
            inherited.store(first, ordering: .releasing)
        }
    }
}

extension PendingCancels {
    /// Wakes everybody whom that could not be done for at once.
    static func work() {
        work { id in
            if let seat = CancelerTable.seat(of: id) { return seat.wake() }
            guard id >> 56 == SocketTable.kindTag, let slot = SocketTable.slot(of: id) else { return }
            slot.lock()
            slot.pointee.core?.waiters.wakeEveryone()
            slot.unlock()
        }
    }
}

// Outside any type, as the sockets' are.
private let seatRoot = Atomic<UInt>(0)
private let used = Atomic<Int>(0)
private let inherited = Atomic<Int>(0)
