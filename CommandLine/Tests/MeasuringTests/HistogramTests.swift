// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Measuring

@Suite("Histogram of latencies")
struct HistogramTests {
    private static let bounds: [UInt64] = (0..<64).flatMap { shift -> [UInt64] in
        let power = UInt64(1) << UInt64(shift)
        return [power - 1, power, power &+ power / 3]
    }

    @Test("each time is in its bucket, and that is narrow", arguments: bounds + [.max - 1, .max])
    func buckets(time: UInt64) {
        let index = LatencyHistogram.index(of: time)
        let (first, last) = (LatencyHistogram.first(of: index), LatencyHistogram.last(of: index))
        #expect(first <= time && time <= last)
        #expect(last - first <= first / 128)
    }

    @Test("the buckets follow each other without a gap")
    func noGaps() {
        let end = LatencyHistogram.index(of: .max)
        #expect((0..<end).allSatisfy { LatencyHistogram.last(of: $0) + 1 == LatencyHistogram.first(of: $0 + 1) })
    }

    @Test(
        "percentiles are those of the sorted times",
        arguments: [(0.0, 1), (0.1, 1), (1, 1), (50, 50), (50.5, 51), (90, 90), (99, 99), (99.1, 100), (100, 100)]
            as [(Double, UInt64)]
    )
    func percentiles(share: Double, expected: UInt64) {
        #expect(histogram(of: Array((1...100).reversed())).percentile(share) == expected)
    }

    @Test("a percentile is never less than the truth, at most a 128th more, and not beyond the longest")
    func precision() throws {
        let times = (1...2_000).map { UInt64($0 * $0 * 977) }
        let histogram = histogram(of: times)
        for permille in 1...1_000 {
            let truth = times[(permille * times.count + 999) / 1_000 - 1]
            let said = try #require(histogram.percentile(Double(permille) / 10))
            #expect(truth <= said && said <= truth + truth / 128)
            #expect(said <= times[1_999])
        }
    }

    @Test func nothingMeasured() {
        let empty = LatencyHistogram()
        #expect(empty.percentile(50) == nil && empty.mean == nil && empty.shortest == nil && empty.longest == nil)
        #expect(empty.rows(limit: 16).isEmpty && empty.buckets.isEmpty)
    }

    @Test func ends() {
        let histogram = histogram(of: [7, 1_000_003, 5])
        #expect((histogram.shortest, histogram.longest) == (5, 1_000_003))
        #expect(histogram.mean == 1_000_015.0 / 3)
        #expect(histogram.buckets.map(\.count) == [1, 1, 1])
    }

    @Test(
        "rows: as fine as there is room for, and every time in one of them",
        arguments: [
            [100], [0], [.max], [0, .max], [1, 1_000_000_000_000], Array(20_000...20_900),
            (0...60).map { UInt64(1) << UInt64($0) }, [0] + Array(repeating: 5_000, count: 998) + [9_000_000],
        ] as [[UInt64]],
        [3, 4, 16]
    )
    func rows(times: [UInt64], limit: Int) {
        let rows = histogram(of: times).rows(limit: limit)
        #expect((1...limit).contains(rows.count))
        #expect(rows.reduce(0) { $0 + $1.count } == UInt64(times.count))
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.from < $1.from })
        #expect(rows.allSatisfy { rows.count == 1 || $0.from == rows[0].from || rows[0].from < $0.from })
    }

    @Test("what is far away is in a row of its own, and makes the others no coarser")
    func outliers() {
        let near = (0..<995).map { UInt64(20_000 + $0 % 7 * 1_000) }
        let rows = histogram(of: near + [1, 50_000_000]).rows(limit: 16)
        #expect(rows.first == HistogramRow(from: 1, count: 1))
        #expect(rows.last?.count == 1)
        #expect(rows.count > 7)
    }

    private func histogram(of times: [UInt64]) -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for time in times { histogram.record(time) }
        return histogram
    }
}
