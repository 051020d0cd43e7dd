// SPDX-License-Identifier: Apache-2.0

/// The retry loop for work that is not a socket's, with the same policy and the same rules.
package enum Retrying {
    /// Calls `attempt` until it answers `ok` or something that is not tried again.
    ///
    /// - Parameters:
    ///   - deadline: the end of all attempts and delays.
    ///   - attempt: does the work; gets the number of the attempt, from 1.
    /// - Throws: what the last attempt answered if that ends the retries, else `exhausted` or `timeout` with the last
    ///   answer as the cause.
    package static func run(
        _ policy: ZMQRetryPolicy,
        until deadline: Deadline,
        _ attempt: (_ number: UInt32) -> ZMQSocketError.Code
    ) throws(ZMQSocketError) {
        try policy.validate()
        let start = MonotonicInstant.now()
        var backoff = ZMQBackoff(policy: policy)
        var number: UInt32 = 0
        while true {
            number &+= 1
            let code = attempt(number)
            if code == .ok { return }
            func failure(_ final: ZMQSocketError.Code, _ reason: String) -> ZMQSocketError {
                let elapsed = Duration.nanoseconds(MonotonicInstant.now().nanoseconds(since: start))
                return ZMQSocketError(
                    final,
                    attempts: Int(number),
                    elapsed: elapsed,
                    message: "\(reason) after \(number) attempt\(number == 1 ? "" : "s") in \(elapsed.inWords); "
                        + "the last one: \(code.explanation)",
                    cause: final == code ? nil : code
                )
            }
            guard code.isRetryable else { throw failure(code, "gave up") }
            guard let delay = backoff.next() else { throw failure(.exhausted, "all attempts failed") }
            let next = MonotonicInstant.now().advanced(byNanoseconds: delay.clampedNanoseconds)
            _ = Completion().wait(until: next < deadline.instant ? Deadline(next) : deadline)
            guard !deadline.hasPassed(at: .now()) else { throw failure(.timeout, "out of time") }
        }
    }
}

extension ZMQRetryPolicy {
    /// Calls a function until it succeeds, as often and with such delays as the policy says: what `exz_retry` is in C.
    ///
    /// - Parameters:
    ///   - timeout: the bound of all attempts and delays together. An attempt under way is not interrupted.
    ///   - attempt: gets the number of the attempt, from 1. A code that ``ZMQSocketError/Code/isRetryable`` says is
    ///     tried again asks for another attempt; any other ends the retries.
    /// - Throws: `exhausted` or `timeout` with the last failure as the cause; what `attempt` threw if that is not tried
    ///   again; `invalid` for a policy or a time-out out of range.
    public func retry<Result>(
        timeout: Duration,
        _ attempt: (_ number: Int) throws(ZMQSocketError) -> Result
    ) throws(ZMQSocketError) -> Result {
        let deadline = Deadline(milliseconds: try timeout.timeoutMilliseconds(), after: .now())
        var result: Result?
        var last: ZMQSocketError?
        do throws(ZMQSocketError) {
            try Retrying.run(self, until: deadline) { number in
                do throws(ZMQSocketError) {
                    result = try attempt(Int(number))
                    return .ok
                } catch {
                    last = error
                    return error.code
                }
            }
        } catch {
            // What ended the retries by itself says more than a code.
            throw last.flatMap { $0.code == error.code && error.cause == nil ? $0 : nil } ?? error
        }
        guard let result else { throw ZMQSocketError(.internal) }
        return result
    }
}
