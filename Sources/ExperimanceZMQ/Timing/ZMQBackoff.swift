// SPDX-License-Identifier: Apache-2.0

/// A retry policy at work: how many retries have been granted, and the delay before the next.
///
/// A value: it reads no clock, and the sequence it gives depends on the policy and the random source alone.
public struct ZMQBackoff<Random: RandomNumberGenerator> {
    /// The policy that is followed.
    public let policy: ZMQRetryPolicy
    /// Retries granted since the start or the last ``reset()``.
    public private(set) var retries = 0
    private var previous: Double
    private var random: Random

    /// - Parameters:
    ///   - policy: a valid policy (``ZMQRetryPolicy/validate()``); the delays of another are of no use, and never
    ///     negative.
    ///   - random: where the jitter comes from.
    public init(policy: ZMQRetryPolicy, random: Random) {
        self.policy = policy
        self.random = random
        previous = policy.initialNanoseconds
    }

    /// Grants the next retry.
    ///
    /// - Returns: the delay before it, or nil when ``ZMQRetryPolicy/maxAttempts`` is used up.
    public mutating func next() -> Duration? {
        guard !policy.isExhausted(after: retries + 1) else { return nil }
        return .nanoseconds(nextNanoseconds())
    }

    /// The next delay, whatever the number of attempts: for links that are re-made until their socket is closed.
    package mutating func nextNanoseconds() -> Int64 {
        if retries < Int.max { retries += 1 }
        let delay = policy.jitter.apply(
            to: policy.unjitteredNanoseconds(beforeRetry: retries),
            previous: previous,
            policy: policy,
            using: &random
        )
        previous = delay
        return Int64(clampingNanoseconds: delay)
    }

    /// Starts again from the first retry. The random source is not rewound.
    public mutating func reset() {
        retries = 0
        previous = policy.initialNanoseconds
    }
}

extension ZMQBackoff: Sendable where Random: Sendable {}

extension ZMQBackoff where Random == SplitMix64 {
    /// A back-off whose jitter comes from the policy's seed.
    ///
    /// - Parameter policy: a valid policy (``ZMQRetryPolicy/validate()``); the delays of another are of no use.
    public init(policy: ZMQRetryPolicy) {
        self.init(policy: policy, random: SplitMix64(seed: policy.seed))
    }
}
