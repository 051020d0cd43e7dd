// SPDX-License-Identifier: Apache-2.0

import CLinux

/// A point on the system's monotonic clock, in nanoseconds.
///
/// The engine reads time in one place only, ``now()``, and hands instants down as values. So everything that decides
/// something from the time (back-off, the connect state machine, deadlines) can be tested without a clock.
package struct MonotonicInstant: Comparable, Hashable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The present, from `CLOCK_MONOTONIC`.
    package static func now() -> MonotonicInstant {
        MonotonicInstant(nanoseconds: clinux_monotonic_ns())
    }

    package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant that many nanoseconds later; stops at the end of the clock's range instead of overflowing.
    package func advanced(byNanoseconds duration: Int64) -> MonotonicInstant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration)
        return MonotonicInstant(nanoseconds: overflow ? (duration < 0 ? .min : .max) : sum)
    }

    /// Nanoseconds from `earlier` to this instant; never negative.
    package func nanoseconds(since earlier: MonotonicInstant) -> Int64 {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? .max : max(0, difference)
    }
}
