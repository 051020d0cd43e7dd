// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Testing

@Suite("Retrying work of one's own", .watchdog)
struct RetryTests {
    private static let quick: ZMQRetryPolicy = {
        var policy = ZMQRetryPolicy()
        policy.initialBackoff = .milliseconds(1)
        policy.jitter = .none
        policy.maxAttempts = 4
        return policy
    }()

    /// Fails as often as it is told to, and then succeeds.
    private func attempts(
        failing: Int,
        with code: ZMQSocketError.Code = .refused,
        policy: ZMQRetryPolicy = quick,
        timeout: ZMQTimeout = .seconds(20)
    ) -> (made: Int, result: Result<String, any Error>) {
        var made = 0
        let result = Result {
            try retry(timeout, policy: policy) {
                made += 1
                if made <= failing { throw ZMQSocketError(code, message: "no. \(made)") }
                return "done"
            }
        }
        return (made, result)
    }

    /// A clock on which nobody sleeps, and that does not look whether the task is cancelled.
    private struct RestlessClock: Clock {
        var now: ContinuousClock.Instant { .now }
        var minimumResolution: Duration { .zero }
        func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {}
    }

    @Test("A cancelled task stops trying, whatever its clock does")
    func cancelledOnAnyClock() async {
        struct NotYet: Error {}
        var policy = Self.quick
        policy.maxAttempts = nil
        let task = Task { [policy] in
            try await retry(policy: policy, clock: RestlessClock()) {
                await Task.yield()
                throw NotYet()
            }
        }
        task.cancel()
        let error = await #expect(throws: ZMQSocketError.self) { try await task.value }
        #expect(error?.code == .canceled)
    }

    @Test("The first attempts fail, then success", arguments: 0...3)
    func success(failing: Int) throws {
        let (made, result) = attempts(failing: failing)
        #expect(made == failing + 1)
        #expect(try result.get() == "done")
    }

    @Test("All attempts fail: as many as the policy has, and the last reason comes back")
    func exhausted() {
        let (made, result) = attempts(failing: .max)
        #expect(made == 4)
        let error = #expect(throws: ZMQSocketError.self) { try result.get() }
        #expect(error?.code == .refused)
        #expect(error?.message == "no. 4")
    }

    @Test("What is not tried again comes back as it was thrown")
    func givenUp() {
        let (made, result) = attempts(failing: .max, with: .permission)
        #expect(made == 1)
        let error = #expect(throws: ZMQSocketError.self) { try result.get() }
        #expect(error?.code == .permission)
        #expect(error?.message == "no. 1")
    }

    @Test("The deadline spans all attempts and delays")
    func deadline() {
        var endless = Self.quick
        endless.maxAttempts = nil
        let start = ContinuousClock.now
        let (made, result) = attempts(failing: .max, policy: endless, timeout: .milliseconds(30))
        #expect(ContinuousClock.now - start >= .milliseconds(30))
        #expect(made > 1)
        let error = #expect(throws: ZMQSocketError.self) { try result.get() }
        #expect(error?.code == .refused)
    }

    @Test("A policy or a time-out out of range is refused before the first attempt")
    func invalid() {
        var bad = Self.quick
        bad.multiplier = 0.5
        for (policy, timeout) in [(bad, ZMQTimeout.seconds(1)), (Self.quick, .seconds(-1))] {
            let (made, result) = attempts(failing: 0, policy: policy, timeout: timeout)
            #expect(made == 0)
            let error = #expect(throws: ZMQSocketError.self) { try result.get() }
            #expect(error?.code == .invalid)
        }
    }
}
