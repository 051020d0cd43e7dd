// SPDX-License-Identifier: Apache-2.0

/// How a back-off delay `d` is spread, so that clients which lost the same peer do not come back in the same instant.
///
/// `full`, `equal` and `decorrelated` are the three forms analysed in "Exponential Backoff And Jitter" (M.
/// Brooker, AWS Architecture Blog, 2015); `proportional` is the form of gRPC's connection back-off (ratio 0.2 there).
/// U(a, b) is a uniform draw from a up to b.
public enum ZMQJitter: Hashable, Sendable {
    /// Exactly `d`.
    case none
    /// U(0, d).
    case full
    /// d/2 + U(0, d/2).
    case equal
    /// min(cap, U(initial, 3 · previous delay)), with the initial back-off as the first previous delay.
    case decorrelated
    /// d · U(1 - ratio, 1 + ratio), for a ratio from 0 to 1.
    case proportional(ratio: Double)
}

extension ZMQJitter {
    /// The jittered delay in nanoseconds.
    ///
    /// - Parameters:
    ///   - delay: the un-jittered delay, already capped.
    ///   - previous: the delay before this one; used by `decorrelated` only.
    ///   - policy: where `decorrelated` finds its base and its cap.
    func apply(
        to delay: Double,
        previous: Double,
        policy: ZMQRetryPolicy,
        using random: inout some RandomNumberGenerator
    ) -> Double {
        switch self {
        case .none:
            return delay
        case .full:
            return delay * random.nextUnit()
        case .equal:
            return delay / 2 + delay / 2 * random.nextUnit()
        case .decorrelated:
            let base = policy.initialNanoseconds
            return min(policy.maxNanoseconds, base + max(0, 3 * previous - base) * random.nextUnit())
        case .proportional(let ratio):
            return delay * (1 - ratio + 2 * ratio * random.nextUnit())
        }
    }
}

extension RandomNumberGenerator {
    /// A uniform draw from [0, 1) with 53 bits, defined here so that a seed gives the same delays with every release
    /// of the standard library.
    mutating func nextUnit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
