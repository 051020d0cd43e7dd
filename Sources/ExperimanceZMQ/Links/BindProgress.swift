// SPDX-License-Identifier: Apache-2.0

/// How far a bind has got: kept when a signal interrupts it, for the caller who comes back.
struct BindProgress {
    let text: ExactText
    let start: MonotonicInstant
    var until: Deadline
    var backoff: ZMQBackoff<SplitMix64>
    var attempts = 0
    /// Why the last attempt failed, and when the next one is due.
    var failure: ConnectFailure?
    var nextAttempt: MonotonicInstant?

    init(_ text: ExactText, start: MonotonicInstant, until: Deadline, policy: ZMQRetryPolicy) {
        self.text = text
        self.start = start
        self.until = until
        backoff = ZMQBackoff(policy: policy)
    }

    /// What the caller is told when nothing more is tried.
    func error(_ failure: ConnectFailure, at now: MonotonicInstant) -> ZMQSocketError {
        failure.error(of: "bind to", text, attempts: attempts, elapsed: now.nanoseconds(since: start))
    }
}
