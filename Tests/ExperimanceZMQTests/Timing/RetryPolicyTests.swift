// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Retry policy", .watchdog)
struct RetryPolicyTests {
    @Test("The defaults are those of the contract")
    func defaults() throws {
        let policy = ZMQRetryPolicy()
        #expect(policy.maxAttempts == 6)
        #expect(policy.initialBackoff == .milliseconds(100))
        #expect(policy.maxBackoff == .seconds(30))
        #expect(policy.multiplier == 2)
        #expect(policy.jitter == .equal)
        #expect(policy.attemptTimeout == nil)
        #expect(policy.seed == nil)
        try policy.validate()
    }

    @Test("The un-jittered delay grows by the multiplier up to the cap")
    func growth() {
        var policy = ZMQRetryPolicy()
        policy.initialBackoff = .milliseconds(100)
        policy.maxBackoff = .milliseconds(1_000)
        let delays = (1...6).map { policy.unjitteredDelay(beforeRetry: $0) }
        #expect(delays == [100, 200, 400, 800, 1_000, 1_000].map { .milliseconds($0) })
    }

    @Test("A multiplier of 1 stays where it is, an enormous retry number stays at the cap")
    func extremes() {
        var policy = ZMQRetryPolicy()
        policy.multiplier = 1
        #expect(policy.unjitteredDelay(beforeRetry: 1_000) == .milliseconds(100))
        policy.multiplier = 10
        #expect(policy.unjitteredDelay(beforeRetry: Int.max) == .seconds(30))
        #expect(policy.unjitteredDelay(beforeRetry: 0) == .milliseconds(100))
        #expect(policy.unjitteredDelay(beforeRetry: Int.min) == .milliseconds(100))
    }
}
