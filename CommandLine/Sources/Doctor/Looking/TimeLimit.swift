// SPDX-License-Identifier: Apache-2.0

import Glibc

/// When an examination has to be over.
struct TimeLimit: Sendable {
    private let end: ContinuousClock.Instant

    init(_ time: Duration) {
        end = .now + time
    }

    private init(end: ContinuousClock.Instant) {
        self.end = end
    }

    /// What is left, never below zero.
    var left: Duration { max(.zero, ContinuousClock.now.duration(to: end)) }

    var isUp: Bool { left == .zero }

    /// What comes first: this one, or so much from now on.
    func atMost(_ time: Duration) -> TimeLimit { TimeLimit(end: min(end, .now + time)) }

    /// For poll(2); rounded up, so that it is not called again and again for the last millisecond.
    private var milliseconds: Int32 {
        let (seconds, attoseconds) = left.components
        let milliseconds = seconds.multipliedReportingOverflow(by: 1_000)
        let whole = milliseconds.overflow ? Int64(Int32.max) : milliseconds.partialValue
        return Int32(
            clamping: min(whole, Int64(Int32.max) - 1) + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        )
    }

    /// Waits for a descriptor.
    ///
    /// - Returns: whether it can be used; false when the time is up.
    func wait(for descriptor: Int32, _ events: Int32) -> Bool {
        while true {
            var item = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
            let found = unsafe poll(&item, 1, milliseconds)
            if found > 0 { return true }
            if found < 0, errno != EINTR { return false }
            if isUp { return false }
        }
    }
}

/// How long something takes.
struct StopWatch {
    private let start = ContinuousClock.now

    var time: Duration { start.duration(to: .now) }
}
