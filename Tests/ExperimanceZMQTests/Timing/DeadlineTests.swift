// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Deadline", .watchdog)
struct DeadlineTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    @Test("It passes exactly when its time has come")
    func passing() {
        let deadline = Deadline(milliseconds: 5, after: start)
        let instant = start.advanced(byNanoseconds: 5_000_000)
        #expect(!deadline.hasPassed(at: start))
        #expect(!deadline.hasPassed(at: instant.advanced(byNanoseconds: -1)))
        #expect(deadline.hasPassed(at: instant))
        #expect(deadline.remaining(at: start) == 5_000_000)
        #expect(deadline.remaining(at: instant.advanced(byNanoseconds: 1)) == 0)
    }

    @Test("Zero has passed at once")
    func zero() {
        #expect(Deadline(milliseconds: 0, after: start).hasPassed(at: start))
    }

    @Test("Arithmetic stops at the ends of the clock")
    func saturation() {
        let end = MonotonicInstant(nanoseconds: .max)
        #expect(end.advanced(byNanoseconds: 1) == end)
        #expect(MonotonicInstant(nanoseconds: .min).advanced(byNanoseconds: -1).nanoseconds == .min)
        #expect(end.nanoseconds(since: MonotonicInstant(nanoseconds: .min)) == .max)
        #expect(start.nanoseconds(since: end) == 0)
        #expect(Deadline(milliseconds: .max, after: end).remaining(at: start) > 0)
    }

    @Test("The monotonic clock does not go back")
    func clock() {
        var last = MonotonicInstant.now()
        for _ in 0..<1_000 {
            let now = MonotonicInstant.now()
            #expect(now >= last)
            last = now
        }
    }

    @Test(
        "Durations become whole milliseconds, rounded up",
        arguments: [
            (Duration.zero, 0), (.nanoseconds(1), 1), (.microseconds(999), 1), (.milliseconds(1), 1),
            (.microseconds(1_001), 2), (.seconds(3), 3_000),
        ] as [(Duration, Int64)]
    )
    func rounding(duration: Duration, milliseconds: Int64) {
        #expect(duration.roundedUpMilliseconds == milliseconds)
    }

    @Test("Durations beyond 64 bits of nanoseconds are cut, not trapped on")
    func huge() {
        #expect(Duration.seconds(Int64.max).clampedNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).clampedNanoseconds == .min)
        #expect(Duration(attoseconds: .max).clampedNanoseconds == .max)
        #expect(Duration(attoseconds: .min).clampedNanoseconds == .min)
        #expect(Duration(attoseconds: -1_500_000_000).clampedNanoseconds == -1)
        #expect(Duration.seconds(9_223_372_036).clampedNanoseconds == 9_223_372_036_000_000_000)
    }

    @Test("A time-out out of range is refused", arguments: [Duration.milliseconds(-1), .seconds(10_000_000)])
    func timeouts(duration: Duration) {
        let error = #expect(throws: ZMQSocketError.self) { try duration.timeoutMilliseconds() }
        #expect(error?.code == .invalid)
    }
}
