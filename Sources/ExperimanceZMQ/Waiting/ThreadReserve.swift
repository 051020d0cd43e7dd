// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC
import Synchronization

/// Whether the process may have more threads, for the place where libzmq aborts without them.
///
/// The system has several reasons to refuse one (the user's and the service's number of threads, address space, memory
/// that has to be locked), and says so only when a thread is started. So as many as libzmq needs are started, with the
/// attributes it uses, and ended. Their stacks stay with the C library, which gives them to libzmq's. Another thread
/// can take what was free in between, so this is no guarantee; it is all that can be done from outside.
enum ThreadReserve {
    /// How long an ended thread may go on counting, in nanoseconds.
    private static let patience: Int64 = 100 * nanosecondsPerMillisecond

    /// A thread that does nothing until it may go.
    @safe
    private struct Trial {
        // Safe: the memory holds an atomic, 0 until the thread may go, and is there until the thread has been joined.
        @safe private let word: UnsafeMutablePointer<Atomic<UInt32>>
        private var thread = pthread_t()

        /// - Returns: nil with the errno if the system refuses it.
        static func start() -> (trial: Trial?, error: Int32) {
            var trial = Trial()
            let number = unsafe pthread_create(
                &trial.thread,
                nil,
                { argument in
                    guard let word = unsafe argument?.assumingMemoryBound(to: Atomic<UInt32>.self) else { return nil }
                    while unsafe word.pointee.load(ordering: .acquiring) == 0 {
                        _ = unsafe clinux_futex_wait(word, 0, -1)
                    }
                    // Where the caller looks for it after the end.
                    unsafe word.pointee.store(UInt32(bitPattern: clinux_thread_number()), ordering: .relaxed)
                    return nil
                },
                trial.word
            )
            guard number == 0 else {
                unsafe trial.word.deallocate()
                return (nil, number)
            }
            return (trial, 0)
        }

        private init() {
            word = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)
            unsafe word.initialize(to: Atomic(0))
        }

        /// - Returns: the number of the thread, which may go on counting for a moment.
        func end() -> Int32 {
            word.pointee.store(1, ordering: .releasing)
            unsafe clinux_futex_wake(word, 1)
            pthread_join(thread, nil)
            defer { unsafe word.deallocate() }
            return Int32(bitPattern: word.pointee.load(ordering: .relaxed))
        }
    }

    /// - Returns: nil if `count` more threads can be had at this moment, else the errno.
    static func shortage(of count: Int) -> Int32? {
        HeldSignals.during {
            var trials: [Trial] = []
            var failure: Int32?
            while trials.count < count, failure == nil {
                let (trial, number) = Trial.start()
                if let trial { trials.append(trial) } else { failure = number }
            }
            let ended = trials.map { $0.end() }
            let end = MonotonicInstant.now().advanced(byNanoseconds: patience)
            for number in ended {
                while clinux_has_thread(number) != 0, MonotonicInstant.now() < end { sched_yield() }
            }
            return failure
        }
    }
}
