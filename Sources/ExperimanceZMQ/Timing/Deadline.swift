// SPDX-License-Identifier: Apache-2.0

/// The instant at which a call has to be back.
///
/// A call turns its time-out into one deadline at its entry and passes that down; attempts, back-off sleeps and waits
/// inside it all measure against the same instant, so they can not add up to more than the caller granted.
package struct Deadline: Hashable, Sendable {
    package let instant: MonotonicInstant

    /// None at all.
    package static let never = Deadline(MonotonicInstant(nanoseconds: .max))

    package init(_ instant: MonotonicInstant) {
        self.instant = instant
    }

    package init(milliseconds: Int32, after start: MonotonicInstant) {
        instant = start.advanced(byNanoseconds: Int64(milliseconds) * nanosecondsPerMillisecond)
    }

    /// Nanoseconds that are left; 0 once the deadline has passed.
    package func remaining(at now: MonotonicInstant) -> Int64 {
        instant.nanoseconds(since: now)
    }

    package func hasPassed(at now: MonotonicInstant) -> Bool {
        now >= instant
    }
}

/// The bound of a call that names none and has no socket whose default it could be, in milliseconds.
package let usualTimeout: Int32 = 1_000
