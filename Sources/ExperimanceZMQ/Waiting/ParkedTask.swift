// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A task that waits on something, in the place that a thread has on its stack.
///
/// Whoever wakes it first resumes it: a socket, an alarm, the cancellation of the task. None of them needs a lock for
/// that. It must not be resumed under a socket's lock: the runtime takes locks of its own then, and calls the handler
/// of a cancellation with the same ones held.
@safe
final class ParkedTask: @unchecked Sendable {
    // Unchecked: the continuation is written before the exchange that shows it, and read by the one who resumes; `next`
    // belongs to the list that the task is on.
    private enum State {
        static let awake: UInt32 = 0
        static let asleep: UInt32 = 1
        static let woken: UInt32 = 2
    }

    private let state = Atomic<UInt32>(State.awake)
    private let canceled = Atomic<Bool>(false)
    private var continuation: UnsafeContinuation<Void, Never>?
    private var next: ParkedTask?

    /// Whether the task was cancelled while it slept.
    var isCanceled: Bool { canceled.load(ordering: .acquiring) }

    /// What is looked at after this is as it was at the last wake-up, or newer.
    ///
    /// An exchange, as a store might become visible only after that look: a wake-up between the two, by a cancellation
    /// or an alarm, would be undone by it and never seen.
    func rearm() { _ = state.exchange(State.awake, ordering: .acquiringAndReleasing) }

    /// Sleeps until it is woken, or the task is cancelled; not at all if that has happened already.
    nonisolated(nonsending) func sleep() async {
        await withTaskCancellationHandler {
            await sleepThrough()
        } onCancel: {
            canceled.store(true, ordering: .releasing)
            wakeNow()
        }
    }

    /// Sleeps until it is woken, also where the task is cancelled.
    nonisolated(nonsending) func sleepThrough() async {
        await unsafe withUnsafeContinuation { continuation in
            unsafe self.continuation = continuation
            let fellAsleep = state.compareExchange(
                expected: State.awake,
                desired: State.asleep,
                ordering: .acquiringAndReleasing
            ).exchanged
            if !fellAsleep { unsafe continuation.resume() }
        }
    }

    /// Wakes the task.
    ///
    /// - Returns: whether the caller has to ``resume()`` it.
    func wake() -> Bool {
        state.exchange(State.woken, ordering: .acquiringAndReleasing) == State.asleep
    }

    func resume() { unsafe continuation?.resume() }

    /// Wakes the task, without a lock held.
    func wakeNow() { if wake() { resume() } }

    /// Tasks that have been woken under a lock, and are resumed without it.
    struct List {
        private var first: ParkedTask?

        var isEmpty: Bool { first == nil }

        /// Wakes a task, and takes it in if it is to be resumed.
        mutating func wake(_ task: ParkedTask) {
            guard task.wake() else { return }
            task.next = first
            first = task
        }

        /// Takes all of them out.
        mutating func takeAll() -> List {
            defer { first = nil }
            return self
        }

        consuming func resume() {
            var task = first
            while let current = task {
                // Once it is resumed it may be parked again.
                task = current.next
                current.next = nil
                current.resume()
            }
        }
    }
}
