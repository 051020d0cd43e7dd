// SPDX-License-Identifier: Apache-2.0

/// Calls a function until it succeeds, as often and with such delays as a policy says; for work of one's own.
///
/// ```swift
/// let page = try await retry(.seconds(20), policy: policy) { try await fetch(url) }
/// ```
///
/// - Parameters:
///   - timeout: the bound of all attempts and delays together; an attempt under way is not interrupted. By default the
///     attempts of the policy alone end it.
///   - policy: the number of attempts, and the delays between them.
///   - clock: what the delays are slept on: a test's own needs no real time.
///   - isRetryable: whether an error is one to try again after, by default ``isRetryableByDefault(_:)``.
///   - operation: does the work.
/// - Throws: what the last attempt threw; `canceled` when the task is cancelled between two of them; `invalid` for a
///   policy or a time-out out of range.
public nonisolated(nonsending) func retry<Result, RetryClock: Clock>(
    _ timeout: ZMQTimeout = .untilCancelled,
    policy: ZMQRetryPolicy = ZMQRetryPolicy(),
    clock: RetryClock = ContinuousClock(),
    isRetryable: (any Error) -> Bool = isRetryableByDefault,
    operation: nonisolated(nonsending) () async throws -> Result
) async throws -> Result where RetryClock.Duration == Duration {
    try policy.validate()
    let end = try timeout.limit().map { clock.now.advanced(by: $0) }
    var backoff = ZMQBackoff(policy: policy)
    while true {
        do {
            return try await operation()
        } catch {
            guard isRetryable(error), let delay = backoff.next() else { throw error }
            let next = clock.now.advanced(by: delay)
            let until = end.map { min($0, next) } ?? next
            // Not every clock looks.
            guard !Task.isCancelled else { throw ZMQSocketError(.canceled) }
            do { try await clock.sleep(until: until, tolerance: nil) } catch { throw ZMQSocketError(.canceled) }
            if let end, clock.now >= end { throw error }
        }
    }
}

/// Blocks its thread until a function succeeds, called as often and with such delays as a policy says; for work of
/// one's own.
///
/// - Parameters:
///   - timeout: the bound of all attempts and delays together, by default 1 s; an attempt under way is not interrupted.
///   - policy: the number of attempts, and the delays between them.
///   - isRetryable: whether an error is one to try again after, by default ``isRetryableByDefault(_:)``.
///   - operation: does the work.
/// - Throws: what the last attempt threw; `invalid` for a policy or a time-out out of range.
@available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
// A function without a wait fits both; in a task the other one is meant.
@_disfavoredOverload
public func retry<Result>(
    _ timeout: ZMQTimeout = .default,
    policy: ZMQRetryPolicy = ZMQRetryPolicy(),
    isRetryable: (any Error) -> Bool = isRetryableByDefault,
    operation: () throws -> Result
) throws -> Result {
    try policy.validate()
    let end = Deadline(milliseconds: try timeout.forClosing(), after: .now())
    var backoff = ZMQBackoff(policy: policy)
    while true {
        do {
            return try operation()
        } catch {
            guard isRetryable(error), let delay = backoff.next() else { throw error }
            let next = MonotonicInstant.now().advanced(byNanoseconds: delay.clampedNanoseconds)
            _ = Completion().wait(until: Deadline(min(next, end.instant)))
            if end.hasPassed(at: .now()) { throw error }
        }
    }
}

/// Whether `retry` tries again after an error, unless it is told otherwise: of ``ZMQSocketError`` after those whose
/// code is ``ZMQSocketError/Code/isRetryable``, and after all others but `CancellationError`.
public func isRetryableByDefault(_ error: any Error) -> Bool {
    switch error {
    case let error as ZMQSocketError: error.code.isRetryable
    case is CancellationError: false
    default: true
    }
}
