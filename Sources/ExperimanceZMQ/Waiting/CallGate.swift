// SPDX-License-Identifier: Apache-2.0

import CLinux
import Synchronization

/// Lets calls of somebody else's code through until it is closed, and waits for those that run then.
///
/// One word and no lock: a process may fork while another thread is inside, and the child goes on using the gate. What
/// that thread has counted stays counted in the child, so closing it there takes as long as closing may.
@safe
package final class CallGate: @unchecked Sendable {
    // Unchecked: the memory holds an atomic, the pointer never changes. Safe: it is there as long as this is.
    @safe private let word: UnsafeMutablePointer<Atomic<UInt32>>
    /// The highest bit; the others count the calls.
    private static let closed: UInt32 = 1 << 31

    package init() {
        word = .allocate(capacity: 1)
        unsafe word.initialize(to: Atomic(0))
    }

    deinit {
        unsafe word.deinitialize(count: 1)
        unsafe word.deallocate()
    }

    /// Makes the call unless the gate is closed.
    package func pass(_ call: () -> Void) {
        if word.pointee.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue & Self.closed == 0 { call() }
        leave()
    }

    /// A call that was let through is over. Not to be called but where that has ended its thread.
    package func leave() {
        let left = word.pointee.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
        if left == Self.closed { unsafe clinux_futex_wake(UnsafeMutableRawPointer(word), Int32.max) }
    }

    /// No call begins any more; waits for those that run, at the latest until the deadline.
    ///
    /// - Returns: whether none runs.
    @discardableResult
    package func close(until deadline: Deadline) -> Bool {
        var found = word.pointee.bitwiseOr(Self.closed, ordering: .acquiringAndReleasing).newValue
        while found != Self.closed, !deadline.hasPassed(at: .now()) {
            _ = unsafe clinux_futex_wait(UnsafeMutableRawPointer(word), found, deadline.instant.nanoseconds)
            found = word.pointee.load(ordering: .acquiring)
        }
        return found == Self.closed
    }
}
