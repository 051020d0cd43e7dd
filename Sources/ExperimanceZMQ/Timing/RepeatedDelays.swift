// SPDX-License-Identifier: Apache-2.0

/// The delays of a policy for who repeats them without asking again: libzmq, which makes links that were up.
///
/// It waits `min(interval · 2ⁿ, cap) + rand() % interval` before attempt n, n = 0, 1, …, with a generator that draws
/// the same in every process. So what keeps the clients of one server apart is drawn here, once for each socket: the
/// interval, and the cap as well, since beside a long cap libzmq's own jitter is next to nothing. Neither may be the
/// same for many, whatever the policy: those would come back as one.
package struct RepeatedDelays: Hashable, Sendable {
    /// Whole milliseconds, here and below.
    package let interval: Int32
    /// At least the interval; equal to it where the delays do not grow.
    package let cap: Int32

    /// - Parameters:
    ///   - policy: a valid policy.
    ///   - least: the shortest interval that there may be. A policy with shorter ones gets those of one that has not.
    ///   - random: where the jitter comes from.
    package init(policy: ZMQRetryPolicy, least: Int32, using random: inout some RandomNumberGenerator) {
        let initial = policy.initialNanoseconds
        let firstShares = policy.jitter.lastingShares(most: initial > 0 ? policy.maxNanoseconds / initial : .infinity)
        let leastDelay = 2 * Double(least) * Double(nanosecondsPerMillisecond) / firstShares.lowerBound
        // Half of the policy's first delay puts the first wait between half and all of that.
        interval = Self.milliseconds(max(initial, leastDelay) / 2 * random.nextShare(of: firstShares))
        let longest = policy.maxNanoseconds * random.nextShare(of: policy.jitter.lastingShares(most: 1))
        cap = policy.multiplier > 1 ? max(interval, Self.milliseconds(longest)) : interval
    }

    /// libzmq doubles and adds in 32 bits.
    private static func milliseconds(_ nanoseconds: Double) -> Int32 {
        min(Int32(clamping: Int64(clampingNanoseconds: nanoseconds) / nanosecondsPerMillisecond), .max / 2)
    }
}

extension ZMQJitter {
    /// Between which multiples of a delay the one is that is drawn once for good.
    ///
    /// A draw that stays must not be next to nothing, as one of `full` may: that client would try all the time. Where
    /// the longest is twice the shortest, what doubles fills the time without gaps.
    ///
    /// - Parameter most: the cap as a multiple of the delay.
    func lastingShares(most: Double) -> ClosedRange<Double> {
        switch self {
        case .none:
            return 1...1
        case .full, .equal:
            return 0.5...1
        case .decorrelated:
            let longest = min(3, most)
            return min(1, longest / 2)...longest
        case .proportional(let ratio):
            return max(0.5, 1 - ratio)...(1 + ratio)
        }
    }
}

extension RandomNumberGenerator {
    fileprivate mutating func nextShare(of shares: ClosedRange<Double>) -> Double {
        shares.lowerBound + (shares.upperBound - shares.lowerBound) * nextUnit()
    }
}
