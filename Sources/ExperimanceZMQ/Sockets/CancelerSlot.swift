// SPDX-License-Identifier: Apache-2.0

/// What a canceler's handle leads to. Its lock is the last one taken: a waiting thread has its socket's.
struct CancelerSlot: HandleSlot {
    static let kind: UInt64 = 0x58
    static let handles = HandleAllocation.ofProcess { cancelerSlots.resumeInChild() }

    /// What the attached threads wait on.
    fileprivate var sockets: [SocketCore] = []
    /// While the handle is good.
    fileprivate var canceler: Canceler?
}

/// Where the handles of cancelers lead.
let cancelerSlots = SlotTable<CancelerSlot>()

typealias CancelerSlotPointer = UnsafeMutablePointer<CancelerSlot>

// Safe: slots are there for ever, and everything here takes the lock.
extension UnsafeMutablePointer<CancelerSlot> {
    @safe
    private func locked<Result>(_ body: (inout CancelerSlot) -> Result) -> Result {
        lock()
        defer { unlock() }
        return unsafe body(&pointee)
    }

    @safe
    func settle(_ canceler: Canceler, _ id: UInt64) {
        locked { $0.canceler = canceler }
        front.begin(id)
    }

    @safe
    func canceler(_ id: UInt64) -> Canceler? {
        locked { slot in front.isGood(id) ? slot.canceler : nil }
    }

    /// - Returns: false if the handle was not good.
    @safe
    func leave(_ id: UInt64) -> Bool {
        let canceler = locked { slot -> Canceler? in
            guard front.isGood(id) else { return nil }
            front.end()
            defer { slot.canceler = nil }
            return slot.canceler
        }
        // It goes without the lock.
        return canceler != nil
    }

    @safe
    func begin(_ core: SocketCore) {
        locked { $0.sockets.append(core) }
    }

    @safe
    func end(_ core: SocketCore) {
        locked { slot in
            if let index = slot.sockets.lastIndex(where: { $0 === core }) { slot.sockets.remove(at: index) }
        }
    }

    /// Wakes the attached threads that wait, without waiting for a lock; false if some could not be woken. May be
    /// called in a signal handler.
    @safe
    func tryToWake() -> Bool {
        guard tryTake() else { return false }
        defer { unlock() }
        var hasWokenAll = true
        for core in unsafe pointee.sockets where !core.slot.tryToWake() { hasWokenAll = false }
        return hasWokenAll
    }

    /// The same with the patience that a thread of the library has.
    @safe
    fileprivate func wake() {
        for core in locked({ $0.sockets }) { core.underLock { core.waiters.wakeEveryone() } }
    }
}

extension PendingCancels {
    /// Wakes everybody whom that could not be done for at once.
    static func work() {
        work { id in
            switch id >> 56 {
            case CancelerSlot.kind: cancelerSlots.slot(of: id)?.wake()
            case SocketSlot.kind: socketSlots.slot(of: id)?.wake()
            default: break
            }
        }
    }
}
