// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import Glibc
import Synchronization

/// Something that will be done once, and that threads can wait for until a deadline.
package final class Completion: @unchecked Sendable {
    // Unchecked: the memory holds an atomic, the pointer never changes.
    private let word: UnsafeMutablePointer<Atomic<UInt32>>

    package init() {
        word = .allocate(capacity: 1)
        word.initialize(to: Atomic(0))
    }

    deinit {
        word.deinitialize(count: 1)
        word.deallocate()
    }

    package func complete() {
        word.pointee.store(1, ordering: .releasing)
        czmq_futex_wake(UnsafeMutableRawPointer(word), Int32.max)
    }

    /// False if the deadline came first, or a signal after which `goesOn` answers false.
    package func wait(until deadline: Deadline, goesOn: () -> Bool = { true }) -> Bool {
        while word.pointee.load(ordering: .acquiring) == 0 {
            guard !deadline.hasPassed(at: .now()) else { return false }
            let number = czmq_futex_wait(UnsafeMutableRawPointer(word), 0, deadline.instant.nanoseconds)
            guard number != EINTR || goesOn() else { return false }
        }
        return true
    }
}
