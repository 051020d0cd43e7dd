// SPDX-License-Identifier: Apache-2.0

/// When each of many requests is due, at a fixed rate, whatever became of those before it.
///
/// A time that is measured from then has in it how long a request had to wait behind a slow one. Measured from when it
/// was really sent it has not: who waits for a slow answer sends nothing meanwhile, and measures one long time instead
/// of many (Gil Tene's *coordinated omission*).
public struct Schedule: Equatable, Sendable {
    private let start: UInt64
    private let interval: Double

    /// - Parameters:
    ///   - start: when the first is due, in nanoseconds.
    ///   - perSecond: how many in a second, more than 0.
    public init(start: UInt64, perSecond: Double) {
        self.start = start
        interval = 1e9 / perSecond
    }

    /// When a request is due, in nanoseconds; the first is number 0.
    public func due(_ number: UInt64) -> UInt64 {
        let offset = (Double(number) * interval).rounded()
        return offset < Double(UInt64.max / 2) ? start &+ UInt64(offset) : .max
    }

    /// How many are due within a time of so many nanoseconds, at least one.
    public static func count(within time: UInt64, perSecond: Double) -> UInt64 {
        let count = (Double(time) / 1e9 * perSecond).rounded(.up)
        return count >= 1 ? UInt64(min(count, 1e18)) : 1
    }
}
