// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Measuring

@Suite("Numbered messages")
struct SequenceTests {
    @Test(
        "what became of them",
        arguments: [
            ([], 0, (0, 0, 0)),
            ([], 3, (3, 0, 0)),
            ([0, 1, 2], 3, (0, 0, 0)),
            ([0, 1], 3, (1, 0, 0)),
            ([1, 2], 3, (1, 0, 0)),
            ([0, 2], 3, (1, 0, 0)),
            ([0, 2, 1], 3, (0, 0, 1)),
            ([2, 1, 0], 3, (0, 0, 2)),
            ([0, 0, 1, 2], 3, (0, 1, 0)),
            ([0, 1, 2, 0], 3, (0, 1, 0)),
            ([0, 3, 1, 1], 4, (1, 1, 1)),
            ([0, 9, 5, 5, 4, 6], 10, (5, 1, 3)),
        ] as [([UInt64], UInt64, (UInt64, UInt64, UInt64))]
    )
    func faults(numbers: [UInt64], sent: UInt64, expected: (lost: UInt64, doubled: UInt64, reordered: UInt64)) {
        var check = SequenceCheck()
        for number in numbers { check.take(number) }
        #expect(
            check.faults(of: sent)
                == SequenceFaults(lost: expected.lost, doubled: expected.doubled, reordered: expected.reordered)
        )
    }

    @Test("whatever numbers come, no memory is used up and nothing is out of range")
    func anything() {
        var check = SequenceCheck()
        for number in stride(from: UInt64(0), to: 20_000, by: 2) { check.take(number + 1) }
        check.take(.max)
        check.take(.max)
        check.take(0)
        #expect(check.received > 10_000)
        #expect(check.lost(of: 10) == 0)
    }

    @Test(
        "in words",
        arguments: [
            (SequenceFaults(), "none lost, doubled or out of order"), (SequenceFaults(lost: 1_000), "1,000 lost"),
            (SequenceFaults(lost: 1, doubled: 2, reordered: 3), "1 lost, 2 doubled, 3 out of order"),
        ]
    )
    func words(faults: SequenceFaults, text: String) {
        #expect(faults.text == text)
    }
}

@Suite("When requests are due")
struct ScheduleTests {
    @Test func due() {
        let schedule = Schedule(start: 7, perSecond: 3)
        #expect((0..<4).map { schedule.due($0) } == [7, 333_333_340, 666_666_674, 1_000_000_007])
        // It does not drift.
        #expect(schedule.due(3_000_000_000) == 1_000_000_000_000_000_007)
        #expect(Schedule(start: 1, perSecond: 1e-300).due(2) == .max)
    }

    @Test(
        "how many there are",
        arguments: [(1_000_000_000, 5, 5), (1_000_000, 5, 1), (0, 5, 1), (.max, 1e7, 184_467_440_737_095_520)]
            as [(UInt64, Double, UInt64)]
    )
    func count(time: UInt64, perSecond: Double, count: UInt64) {
        #expect(Schedule.count(within: time, perSecond: perSecond) == count)
    }

    @Test("how long it goes on")
    func extents() {
        #expect(Extent.count(2).goesOn(done: 1, elapsed: .max) && !Extent.count(2).goesOn(done: 2, elapsed: 0))
        #expect(Extent.time(5).goesOn(done: 9, elapsed: 4) && !Extent.time(5).goesOn(done: 1, elapsed: 5))
        #expect(Extent.time(5).goesOn(done: 0, elapsed: 9))
        #expect(Extent.count(4).share(done: 1, elapsed: 9) == 0.25)
        #expect(Extent.time(4).share(done: 9, elapsed: 1) == 0.25)
        #expect(Extent.time(4).share(done: 9, elapsed: 99) == 1)
    }
}
