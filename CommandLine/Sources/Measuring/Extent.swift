// SPDX-License-Identifier: Apache-2.0

/// How long something is measured.
public enum Extent: Equatable, Sendable {
    /// For so many messages.
    case count(UInt64)
    /// For so many nanoseconds.
    case time(UInt64)

    /// Whether there is another one.
    ///
    /// - Parameters:
    ///   - done: how many there were.
    ///   - elapsed: the time since the start, in nanoseconds.
    public func goesOn(done: UInt64, elapsed: UInt64) -> Bool {
        switch self {
        case .count(let count): done < count
        // A single one, however long it takes, is something to say.
        case .time(let time): elapsed < time || done == 0
        }
    }

    /// What part of it is over, from 0 to 1.
    public func share(done: UInt64, elapsed: UInt64) -> Double {
        let share =
            switch self {
            case .count(let count): Double(done) / Double(max(count, 1))
            case .time(let time): Double(elapsed) / Double(max(time, 1))
            }
        return min(share, 1)
    }
}
