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
