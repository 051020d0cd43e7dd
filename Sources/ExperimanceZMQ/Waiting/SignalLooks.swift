// SPDX-License-Identifier: Apache-2.0

/// When a wait asks ``SignalHook`` although no signal ended its sleep.
///
/// A signal that comes between the last look at signals and the sleep ends no sleep: the interpreter has noted it, and
/// runs its handler when it is asked. On a busy machine that moment may be long. It is found at the next look; as the
/// moment before the first sleep is by far the longest, the looks get rarer, and a long wait costs next to nothing.
struct SignalLooks {
    private static let longest: Int64 = 1_000 * nanosecondsPerMillisecond

    private var interval: Int64 = 50 * nanosecondsPerMillisecond
    private var next: MonotonicInstant

    init(from now: MonotonicInstant) {
        next = now.advanced(byNanoseconds: interval)
    }

    /// Where a sleep has to end that may go on until a deadline.
    func end(before deadline: Deadline) -> Deadline {
        next < deadline.instant ? Deadline(next) : deadline
    }

    /// Whether it is time to ask; from then on the next look is due.
    mutating func isDue(at now: MonotonicInstant) -> Bool {
        guard now >= next else { return false }
        interval = min(interval * 2, Self.longest)
        next = now.advanced(byNanoseconds: interval)
        return true
    }
}
