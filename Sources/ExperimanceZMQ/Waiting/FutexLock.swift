// SPDX-License-Identifier: Apache-2.0

import CLinux
import Synchronization

/// A mutual-exclusion lock in one word of memory that never moves and is never freed, and that knows its holder.
///
/// Why not `Synchronization.Mutex`: the word has to lie beside a socket's slot and be found from a bare pointer (no
/// class, no reference count on the hot path); on Linux `Mutex` hands contention to the kernel's priority-inheriting
/// futex, whose acquisition the thread sanitizer can not see. This is the three-state lock of U. Drepper, "Futexes Are
/// Tricky" (2011), with the holder instead of a plain "held": the address of a thread's control block costs no more
/// than a constant, and a signal handler that comes back to a lock of the very thread it has interrupted can be told.
@safe
struct FutexLock {
    /// 0 while it is free; else the holder, with the lowest bit set when somebody sleeps. The kernel compares the lower
    /// half. Safe: it is there as long as the lock.
    @safe let word: UnsafeMutablePointer<Atomic<UInt>>

    private static let sleepers: UInt = 1

    /// Takes the lock. False, at once, if the calling thread has it already: this is a signal handler then.
    @inline(__always)
    func take() -> Bool { tryTake() || takeSlowly() }

    /// Takes the lock, which the calling thread does not have.
    @inline(__always)
    func lock() { _ = take() }

    /// Takes the lock if nobody has it.
    @inline(__always)
    func tryTake() -> Bool {
        word.pointee.compareExchange(
            expected: 0,
            desired: clinux_this_thread(),
            successOrdering: .acquiring,
            failureOrdering: .relaxed
        ).exchanged
    }

    @inline(__always)
    func unlock() {
        if word.pointee.exchange(0, ordering: .releasing) & Self.sleepers != 0 { wakeOne() }
    }

    @inline(never)
    private func takeSlowly() -> Bool {
        let own = clinux_this_thread()
        // The holder is a few instructions from the end more often than not: look again before going to sleep.
        for _ in 0..<40 {
            let value = word.pointee.load(ordering: .relaxed)
            if value == 0, tryTake() { return true }
            guard value & ~Self.sleepers != own else { return false }
        }
        while true {
            let value = word.pointee.load(ordering: .relaxed)
            // Who has slept does not know whether others still do.
            let desired = (value == 0 ? own : value) | Self.sleepers
            guard
                value == desired
                    || word.pointee.compareExchange(
                        expected: value,
                        desired: desired,
                        successOrdering: .acquiring,
                        failureOrdering: .relaxed
                    ).exchanged
            else { continue }
            if value == 0 { return true }
            _ = unsafe clinux_futex_wait(word, UInt32(truncatingIfNeeded: desired), -1)
        }
    }

    @inline(never)
    private func wakeOne() {
        unsafe clinux_futex_wake(word, 1)
    }
}

/// What the calling thread holds of the locks that ``Guarded`` values have.
package enum HeldLocks {
    /// Whether there is one: this is a signal handler then, which must not ask for any.
    @inline(__always)
    package static var isAny: Bool { clinux_holds_locks() != 0 }
}

/// A value behind a lock, for what is shared off the hot path.
package final class Guarded<Value>: ForkProtected, @unchecked Sendable {
    // Unchecked: `value` is touched with the lock held only.
    private let lock: FutexLock
    private var value: Value

    package init(_ value: Value) {
        let word = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: 1)
        unsafe word.initialize(to: Atomic(0))
        lock = unsafe FutexLock(word: word)
        self.value = value
    }

    deinit {
        unsafe lock.word.deinitialize(count: 1)
        unsafe lock.word.deallocate()
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        clinux_lock_taken()
        lock.lock()
        defer {
            lock.unlock()
            clinux_lock_released()
        }
        return try body(&value)
    }

    package func lockForFork() {
        clinux_lock_taken()
        lock.lock()
    }

    package func unlockAfterFork() {
        lock.unlock()
        clinux_lock_released()
    }
}
