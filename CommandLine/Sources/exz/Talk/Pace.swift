// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The pauses between messages: from one to the next, so that the time a send takes is a part of them.
struct Pace {
    private let interval: Duration?
    private var next: ContinuousClock.Instant?

    init(_ interval: Duration?) {
        self.interval = interval
    }

    /// Waits until it is time for the next message; not before the first.
    mutating func wait() {
        guard let interval else { return }
        let due = next ?? .now
        // A signal may have ended the sleep.
        while case let left = due - .now, left > .zero { sleep(for: left) }
        // From when it was woken: who is late does not catch up with a burst.
        next = .now + interval
    }

    private func sleep(for time: Duration) {
        let (seconds, attoseconds) = time.components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        _ = unsafe nanosleep(&time, nil)
    }
}
