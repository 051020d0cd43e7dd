// SPDX-License-Identifier: Apache-2.0

import LibC

/// When to try again, and how often: the one policy that connecting, binding, re-connecting and ``ZMQBackoff`` follow.
///
/// The un-jittered delay before retry n (n = 1, 2, …) is `min(maxBackoff, initialBackoff · multiplier^(n-1))`.
/// Jitter is applied to that value, never feeds back into it, and still works at the cap.
///
/// What is tried again: refused, unreachable, name not resolved (no resolver knows what it will say in a moment),
/// address in use (bind), address not yet available (bind), handshake timed out, connection lost during the handshake.
/// What is not: a bad argument, an unsupported protocol or option, missing permission, rejected security, a peer that
/// does not speak ZMTP 3, closed, cancelled.
///
/// A link that was up is made again by libzmq, which repeats what is drawn for each socket once, so that the clients of
/// a server do not come back all at once: a first delay (25 to 150 ms, where the policy has less), which doubles if the
/// ``multiplier`` is more than 1, and the longest, which is at least half of ``maxBackoff``. ``ZMQJitter/none`` draws
/// nothing, and all clients wait the same.
public struct ZMQRetryPolicy: Hashable, Sendable {
    /// Attempts in all, the first one included; nil means that only the deadline ends them. Default 6.
    ///
    /// Counts for calls that wait (`connect`, `bind`, `retry`). A background connect and the re-connection of a lost
    /// link go on until the socket is closed.
    public var maxAttempts: Int? = 6
    /// The delay before the first retry. Default 100 ms.
    public var initialBackoff: Duration = .milliseconds(100)
    /// The cap of the un-jittered delay. Default 30 s.
    public var maxBackoff: Duration = .seconds(30)
    /// The growth from one delay to the next, at least 1. Default 2.
    public var multiplier: Double = 2
    /// The spreading of the delay. Default ``ZMQJitter/equal``.
    public var jitter: ZMQJitter = .equal
    /// The bound of one attempt; nil (the default) means what is left of the deadline.
    public var attemptTimeout: Duration?
    /// Makes the delays reproducible; nil (the default) draws from the system.
    public var seed: UInt64?

    /// The default policy.
    public init() {}

    /// The delay before retry `retry` without jitter, in nanoseconds as a floating-point number.
    ///
    /// - Parameter retry: 1 for the first retry; smaller values count as 1.
    func unjitteredNanoseconds(beforeRetry retry: Int) -> Double {
        let grown = initialNanoseconds * pow(multiplier, Double(max(1, retry) - 1))
        return min(maxNanoseconds, grown)
    }

    /// The delay before retry `retry` without jitter.
    ///
    /// - Parameter retry: 1 for the first retry; smaller values count as 1.
    public func unjitteredDelay(beforeRetry retry: Int) -> Duration {
        .nanoseconds(Int64(clampingNanoseconds: unjitteredNanoseconds(beforeRetry: retry)))
    }

    /// Whether so many attempts are all.
    func isExhausted(after attempts: Int) -> Bool { maxAttempts.map { attempts >= $0 } ?? false }

    var initialNanoseconds: Double { Double(initialBackoff.clampedNanoseconds) }
    var maxNanoseconds: Double { Double(maxBackoff.clampedNanoseconds) }

    /// Checks every field.
    ///
    /// - Throws: ``ZMQSocketError`` with code `invalid` and a message that names the field.
    public func validate() throws(ZMQSocketError) {
        func require(_ condition: Bool, _ message: String) throws(ZMQSocketError) {
            guard condition else { throw ZMQSocketError(.invalid, message: message) }
        }
        // The longest span the C interface can express in its 32-bit milliseconds.
        let longest = Duration.milliseconds(Int32.max)
        if let maxAttempts {
            try require(
                maxAttempts >= 0 && maxAttempts <= Int32.max,
                "max_attempts is \(maxAttempts), it must be 0 to \(Int32.max)"
            )
            try require(maxAttempts > 0, "max_attempts is 0: without a limit it is nil")
        }
        try require(
            initialBackoff >= .zero && initialBackoff <= longest,
            "initial_backoff is \(initialBackoff), it must be 0 to \(longest)"
        )
        try require(
            maxBackoff >= .zero && maxBackoff <= longest,
            "max_backoff is \(maxBackoff), it must be 0 to \(longest)"
        )
        try require(
            initialBackoff <= maxBackoff,
            "initial_backoff (\(initialBackoff)) is greater than max_backoff (\(maxBackoff))"
        )
        try require(
            multiplier.isFinite && multiplier >= 1,
            "multiplier is \(multiplier), it must be a finite number of at least 1"
        )
        if case .proportional(let ratio) = jitter {
            try require(ratio >= 0 && ratio <= 1, "jitter_ratio is \(ratio), it must be 0 to 1")
        }
        if let attemptTimeout {
            try require(
                attemptTimeout >= .zero && attemptTimeout <= longest,
                "attempt_timeout is \(attemptTimeout), it must be 0 to \(longest)"
            )
            try require(attemptTimeout > .zero, "attempt_timeout is 0: without a limit it is nil")
        }
    }
}

extension Int64 {
    /// The whole number of nanoseconds; what is no number or negative is 0, what is too large the largest.
    init(clampingNanoseconds value: Double) {
        self = value > 0 ? Int64(exactly: value.rounded(.down)) ?? .max : 0
    }
}
