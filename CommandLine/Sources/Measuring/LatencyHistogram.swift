// SPDX-License-Identifier: Apache-2.0

/// How often which time was measured, in buckets: those of each power of two are equally wide (log-linear, as in Gil
/// Tene's HdrHistogram). It needs 58 KiB, however many times it is given and however long they are, and what it says of
/// a time is at most one part in 128 more than the truth, and never less.
public struct LatencyHistogram: Equatable, Sendable {
    /// The powers of two that a time is looked at by: 128 buckets for each.
    private static let bits = 7
    private static let half = 1 << bits
    private static let bucketCount = (64 - bits + 1) * half

    private var counts = [UInt64](repeating: 0, count: bucketCount)
    private var sum = 0.0
    /// How many times there are.
    public private(set) var count: UInt64 = 0
    /// The shortest, exactly; nil without any.
    public private(set) var shortest: UInt64?
    /// The longest, exactly; nil without any.
    public private(set) var longest: UInt64?

    /// Nothing has been measured.
    public init() {}

    /// Adds a time, in nanoseconds.
    public mutating func record(_ time: UInt64) {
        counts[Self.index(of: time)] &+= 1
        count &+= 1
        sum += Double(time)
        shortest = min(shortest ?? time, time)
        longest = max(longest ?? time, time)
    }

    /// The mean, in nanoseconds; nil without any.
    public var mean: Double? { count > 0 ? sum / Double(count) : nil }

    /// The time within which so many of a hundred were done, in nanoseconds; nil without any.
    ///
    /// - Parameter share: from 0 to 100.
    public func percentile(_ share: Double) -> UInt64? {
        guard let shortest, let longest else { return nil }
        let exact = min(max(share, 0), 100) * Double(count) / 100
        // 0.3 % of 2,000 are six, whatever 0.3 is in binary.
        let wanted = abs(exact - exact.rounded()) < 1e-9 * exact ? exact.rounded() : exact.rounded(.up)
        var seen = 0.0
        for (index, count) in counts.enumerated() where count > 0 {
            seen += Double(count)
            if seen >= wanted { return max(shortest, min(longest, Self.last(of: index))) }
        }
        return longest
    }

    /// A bucket: times from the first to the last, both included.
    public struct Bucket: Equatable, Sendable {
        /// The shortest time that belongs to it, in nanoseconds.
        public let first: UInt64
        /// The longest.
        public let last: UInt64
        /// How many were measured.
        public let count: UInt64
    }

    /// The buckets with something in them, the shortest times first.
    public var buckets: [Bucket] {
        counts.enumerated().compactMap { index, count in
            count > 0 ? Bucket(first: Self.first(of: index), last: Self.last(of: index), count: count) : nil
        }
    }

    static func index(of time: UInt64) -> Int {
        let shift = max(0, 63 - time.leadingZeroBitCount - bits)
        return shift * half + Int(time >> UInt64(shift))
    }

    static func first(of index: Int) -> UInt64 {
        guard index >= 2 * half else { return UInt64(index) }
        let shift = index / half - 1
        return UInt64(index - shift * half) << UInt64(shift)
    }

    static func last(of index: Int) -> UInt64 {
        guard index >= 2 * half else { return UInt64(index) }
        return first(of: index) + ((1 << UInt64(index / half - 1)) - 1)
    }
}
