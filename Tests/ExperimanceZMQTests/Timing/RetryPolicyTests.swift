// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Retry policy", .watchdog)
struct RetryPolicyTests {
    @Test("The defaults are those of the contract")
    func defaults() throws {
        let policy = RetryPolicy()
        #expect(policy.maxAttempts == 6)
        #expect(policy.initialBackoff == .milliseconds(100))
        #expect(policy.maxBackoff == .seconds(30))
        #expect(policy.multiplier == 2)
        #expect(policy.jitter == .equal)
        #expect(policy.attemptTimeout == .zero)
        #expect(policy.seed == 0)
        try policy.validate()
    }

    @Test("The un-jittered delay grows by the multiplier up to the cap")
    func growth() {
        var policy = RetryPolicy()
        policy.initialBackoff = .milliseconds(100)
        policy.maxBackoff = .milliseconds(1_000)
        let delays = (1...6).map { policy.unjitteredDelay(beforeRetry: $0) }
        #expect(delays == [100, 200, 400, 800, 1_000, 1_000].map { .milliseconds($0) })
    }

    @Test("A multiplier of 1 stays where it is, an enormous retry number stays at the cap")
    func extremes() {
        var policy = RetryPolicy()
        policy.multiplier = 1
        #expect(policy.unjitteredDelay(beforeRetry: 1_000) == .milliseconds(100))
        policy.multiplier = 10
        #expect(policy.unjitteredDelay(beforeRetry: Int.max) == .seconds(30))
        #expect(policy.unjitteredDelay(beforeRetry: 0) == .milliseconds(100))
        #expect(policy.unjitteredDelay(beforeRetry: Int.min) == .milliseconds(100))
    }

    struct Flaw: CustomTestStringConvertible, Sendable {
        let field: String
        let change: @Sendable (inout RetryPolicy) -> Void
        var testDescription: String { field }

        init(_ field: String, _ change: @escaping @Sendable (inout RetryPolicy) -> Void) {
            self.field = field
            self.change = change
        }
    }

    static let flaws: [Flaw] = [
        Flaw("max_attempts") { $0.maxAttempts = -1 },
        Flaw("max_attempts") { $0.maxAttempts = Int(Int32.max) + 1 },
        Flaw("initial_backoff") { $0.initialBackoff = .milliseconds(-1) },
        Flaw("initial_backoff") { $0.initialBackoff = .seconds(60) },
        Flaw("initial_backoff") { $0.initialBackoff = .seconds(Int64.max) },
        Flaw("max_backoff") { $0.maxBackoff = .milliseconds(-1) },
        Flaw("max_backoff") { $0.maxBackoff = .seconds(Int64.max) },
        Flaw("multiplier") { $0.multiplier = 0.99 },
        Flaw("multiplier") { $0.multiplier = .nan },
        Flaw("multiplier") { $0.multiplier = .infinity },
        Flaw("jitter_ratio") { $0.jitter = .proportional(ratio: -0.1) },
        Flaw("jitter_ratio") { $0.jitter = .proportional(ratio: 1.1) },
        Flaw("jitter_ratio") { $0.jitter = .proportional(ratio: .nan) },
        Flaw("attempt_timeout") { $0.attemptTimeout = .milliseconds(-5) },
    ]

    @Test("A field out of range is named", arguments: flaws)
    func validation(flaw: Flaw) {
        var policy = RetryPolicy()
        flaw.change(&policy)
        let error = #expect(throws: ZMQSocketError.self) { try policy.validate() }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains(flaw.field) == true)
    }
}
