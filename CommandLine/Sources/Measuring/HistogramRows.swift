// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A histogram as a person looks at it: few rows, whose bounds are round numbers.
public struct HistogramRow: Equatable, Sendable {
    /// Where it begins, in nanoseconds; it ends where the next one begins.
    public let from: UInt64
    /// How many times are in it.
    public var count: UInt64
}

extension LatencyHistogram {
    /// In how many rows each power of ten may be parted.
    private static let resolutions = [48, 24, 12, 6, 3, 1]
    /// What is in one of the rows in the middle; the rest is in a row before and one behind them.
    private static let body = (first: 0.5, last: 99.5)

    /// The finest rows of which there are no more than `limit`: those that all but the first and last half of a percent
    /// are in, with one for what is shorter and one for what is longer.
    ///
    /// - Parameter limit: at least 3.
    public func rows(limit: Int) -> [HistogramRow] {
        guard let shortest, let longest, let first = percentile(Self.body.first), let last = percentile(Self.body.last)
        else { return [] }
        let room = max(1, limit - 2)
        var (bounds, middle) = ([UInt64](), 0...0)
        for resolution in Self.resolutions {
            bounds = Self.bounds(resolution)
            let begin = bounds.lastIndex { $0 <= first } ?? 0
            middle = begin...max(begin, bounds.lastIndex { $0 <= last } ?? begin)
            if middle.count <= room { break }
        }
        // So wide that not even powers of ten are few enough: the last row is longer then.
        middle = middle.lowerBound...min(middle.upperBound, middle.lowerBound + room - 1)
        var starts = Array(bounds[middle])
        if shortest < starts[0] { starts.insert(shortest, at: 0) }
        if middle.upperBound + 1 < bounds.count, longest >= bounds[middle.upperBound + 1] {
            starts.append(bounds[middle.upperBound + 1])
        }
        return counted(in: starts)
    }

    private func counted(in starts: [UInt64]) -> [HistogramRow] {
        var rows = starts.map { HistogramRow(from: $0, count: 0) }
        var row = 0
        for bucket in buckets {
            // A bucket across a bound is where most of it may be.
            let place = bucket.first + (bucket.last - bucket.first) / 2
            while row + 1 < rows.count, rows[row + 1].from <= place { row += 1 }
            rows[row].count += bucket.count
        }
        return rows
    }

    /// Round numbers, so many to each power of ten, from 0 on.
    private static func bounds(_ resolution: Int) -> [UInt64] {
        let mantissas = (0..<resolution).map { UInt64((100 * pow(10, Double($0) / Double(resolution))).rounded()) }
        var (bounds, scale): ([UInt64], UInt64) = ([0], 1)
        for _ in 0..<17 {
            bounds += mantissas.map { $0 * scale }
            scale *= 10
        }
        return bounds
    }
}
