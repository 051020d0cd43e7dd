// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC
import Synchronization

/// Something that will be done once, and that threads and tasks can wait for until a deadline.
@safe
package final class Completion: @unchecked Sendable {
    // Unchecked: the memory holds an atomic, the pointer never changes. Safe: it is there as long as this is.
    @safe private let word: UnsafeMutablePointer<Atomic<UInt32>>
    private let tasks = Guarded<[ParkedTask]>([])

    package init() {
        word = .allocate(capacity: 1)
        unsafe word.initialize(to: Atomic(0))
    }

    deinit {
        unsafe word.deinitialize(count: 1)
        unsafe word.deallocate()
    }

    package func complete() {
        word.pointee.store(1, ordering: .releasing)
        unsafe clinux_futex_wake(UnsafeMutableRawPointer(word), Int32.max)
        let parked = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in parked { task.wakeNow() }
    }

    package var isDone: Bool { word.pointee.load(ordering: .acquiring) != 0 }

    /// False if the deadline came first, or `goesOn` answered false: it is asked after every signal, and once in a
    /// while for one that came when the thread did not sleep yet.
    package func wait(until deadline: Deadline, goesOn: (() -> Bool)? = nil) -> Bool {
        var looks = SignalLooks(from: .now())
        while word.pointee.load(ordering: .acquiring) == 0 {
            guard !deadline.hasPassed(at: .now()) else { return false }
            let end = goesOn == nil ? deadline : looks.end(before: deadline)
            let number = unsafe clinux_futex_wait(UnsafeMutableRawPointer(word), 0, end.instant.nanoseconds)
            if let goesOn, number == EINTR || looks.isDue(at: .now()), !goesOn() { return false }
        }
        return true
    }

    /// The same for the current task; false also if that is cancelled.
    package nonisolated(nonsending) func waitInTask(until deadline: Deadline) async -> Bool {
        let task = ParkedTask()
        tasks.withLock { $0.append(task) }
        let alarm = Task {
            // By another clock than ours: it may be early.
            while !deadline.hasPassed(at: .now()), !Task.isCancelled {
                try? await Task.sleep(for: .nanoseconds(deadline.remaining(at: .now())))
            }
            task.wakeNow()
        }
        while !isDone, !Task.isCancelled, !deadline.hasPassed(at: .now()) {
            await task.sleep()
            task.rearm()
        }
        alarm.cancel()
        tasks.withLock { tasks in tasks.removeAll { $0 === task } }
        return isDone
    }
}
