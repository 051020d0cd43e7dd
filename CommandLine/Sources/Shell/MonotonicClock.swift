// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The clock that goes on evenly, in nanoseconds, and waits by it.
public enum MonotonicClock {
    /// What a sleep may be late by, twice over: the rest is waited for without sleeping.
    private static let slack: UInt64 = 100_000

    /// After how long a wait that may be given up looks whether it is.
    private static let look: UInt64 = 10_000_000

    /// What it says.
    public static var now: UInt64 {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_MONOTONIC, &time) == 0 else { return 0 }
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }

    /// The same in seconds.
    public static var seconds: Double { Double(now) / 1e9 }

    /// The time since then.
    public static func since(_ start: UInt64) -> UInt64 {
        let now = now
        return now > start ? now - start : 0
    }

    /// Waits until it says that, to the microsecond: the thread is kept busy for the last tenth of a millisecond.
    public static func wait(until due: UInt64) {
        while case let now = now, now < due {
            let left = due - now
            if left > slack { sleep(for: left - slack) }
        }
    }

    /// As ``wait(until:)``, but gives up soon when it is told to.
    ///
    /// - Parameter isOver: asked again and again, every 10 ms.
    /// - Returns: whether it waited to the end.
    public static func wait(until due: UInt64, unless isOver: () -> Bool) -> Bool {
        while !isOver() {
            let now = now
            guard now &+ 2 &* look < due else {
                wait(until: due)
                return !isOver()
            }
            sleep(for: look)
        }
        return false
    }

    /// Sleeps; a signal may end it.
    public static func sleep(for nanoseconds: UInt64) {
        var time = timespec(
            tv_sec: Int(clamping: nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000)
        )
        _ = unsafe nanosleep(&time, nil)
    }
}
