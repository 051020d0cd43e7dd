// SPDX-License-Identifier: Apache-2.0

import CLinux
import Synchronization

/// Keeps the library's own threads out of a fork.
///
/// A child has only the thread that forked. A lock that another thread held, one of the Swift runtime included, is held
/// in the child for ever. So a thread of ours works inside the gate and sleeps outside, and a fork waits until nobody
/// is inside and lets nobody in until it is done. It waits for a bounded time only: a log handler may take long, or be
/// what forks.
enum ForkGate {
    /// The highest bit: the gate is closed. The rest: threads inside.
    // Unsafe: the memory holds an atomic, the pointer never changes. Safe: it is never freed.
    @safe private nonisolated(unsafe) static let word: UnsafeMutablePointer<Atomic<UInt32>> = {
        let word = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)
        unsafe word.initialize(to: Atomic(0))
        return unsafe word
    }()
    private static let closed: UInt32 = 1 << 31
    /// The longest a fork waits, in nanoseconds.
    private static let patience: Int64 = 100 * nanosecondsPerMillisecond

    static func prepare() { _ = word }

    /// Before a thread of ours works; waits while a fork is going on. A starting thread is let in by who starts it.
    static func enter() {
        while true {
            let value = word.pointee.load(ordering: .relaxed)
            if value & closed != 0 {
                _ = unsafe clinux_futex_wait(
                    word,
                    value,
                    MonotonicInstant.now().advanced(byNanoseconds: patience).nanoseconds
                )
            } else if word.pointee.compareExchange(
                expected: value,
                desired: value + 1,
                ordering: .acquiring
            ).exchanged {
                return
            }
        }
    }

    /// Before a thread of ours sleeps or ends.
    static func leave() {
        let value = word.pointee.wrappingSubtract(1, ordering: .releasing).newValue
        if value & closed != 0 { unsafe clinux_futex_wake(word, Int32.max) }
    }

    /// Before a fork.
    static func close() {
        let end = MonotonicInstant.now().advanced(byNanoseconds: patience)
        var value = word.pointee.bitwiseOr(closed, ordering: .acquiring).newValue
        while value != closed, MonotonicInstant.now() < end {
            _ = unsafe clinux_futex_wait(word, value, end.nanoseconds)
            value = word.pointee.load(ordering: .acquiring)
        }
    }

    /// After a fork, in the parent.
    static func open() {
        _ = word.pointee.bitwiseAnd(~closed, ordering: .releasing)
        unsafe clinux_futex_wake(word, Int32.max)
    }

    /// After a fork, in the child, which has none of the threads.
    static func reset() {
        word.pointee.store(0, ordering: .relaxed)
    }
}
