// SPDX-License-Identifier: Apache-2.0

import CLinux
import Synchronization

/// A mutual-exclusion lock in one 32-bit word of memory that never moves and is never freed.
///
/// Why not `Synchronization.Mutex`: the word has to lie inside a socket's slot and be found from a bare pointer (no
/// class, no reference count on the hot path); on Linux `Mutex` hands contention to the kernel's priority-inheriting
/// futex, whose acquisition the thread sanitizer can not see. This is the three-state lock of U. Drepper, "Futexes Are
/// Tricky" (2011): 0 free, 1 held, 2 held and somebody sleeps.
struct FutexLock {
    let word: UnsafeMutablePointer<Atomic<UInt32>>

    @inline(__always)
    func lock() {
        if !word.pointee.compareExchange(
            expected: 0,
            desired: 1,
            successOrdering: .acquiring,
            failureOrdering: .relaxed
        ).exchanged {
            lockSlowly()
        }
    }

    @inline(__always)
    func unlock() {
        if word.pointee.exchange(0, ordering: .releasing) == 2 { wakeOne() }
    }

    @inline(never)
    private func lockSlowly() {
        // The holder is a few instructions from the end more often than not: look again before going to sleep.
        for _ in 0..<40 {
            if word.pointee.load(ordering: .relaxed) == 0,
                word.pointee.compareExchange(
                    expected: 0,
                    desired: 1,
                    successOrdering: .acquiring,
                    failureOrdering: .relaxed
                ).exchanged
            {
                return
            }
        }
        while word.pointee.exchange(2, ordering: .acquiring) != 0 {
            _ = clinux_futex_wait(word, 2, -1)
        }
    }

    @inline(never)
    private func wakeOne() {
        clinux_futex_wake(word, 1)
    }
}

/// A value behind a lock, for what is shared off the hot path.
package final class Guarded<Value>: ForkProtected, @unchecked Sendable {
    // Unchecked: `value` is touched with the lock held only.
    private let lock: FutexLock
    private var value: Value

    package init(_ value: Value) {
        let word = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)
        word.initialize(to: Atomic(0))
        lock = FutexLock(word: word)
        self.value = value
    }

    deinit {
        lock.word.deinitialize(count: 1)
        lock.word.deallocate()
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }

    package func lockForFork() { lock.lock() }
    package func unlockAfterFork() { lock.unlock() }
}
