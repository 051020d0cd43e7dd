// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQTesting
import Testing

@testable import ExperimanceZMQ

@Suite("Back-off", .watchdog)
struct BackoffTests {
    private func policy(_ jitter: ZMQJitter, attempts: Int? = nil) -> ZMQRetryPolicy {
        var policy = ZMQRetryPolicy()
        policy.maxAttempts = attempts
        policy.initialBackoff = .milliseconds(100)
        policy.maxBackoff = .milliseconds(800)
        policy.jitter = jitter
        return policy
    }

    /// The first delays in milliseconds, for draws that repeat.
    private func delays(_ jitter: ZMQJitter, draws: [Double], count: Int = 5) -> [Double] {
        var backoff = ZMQBackoff(policy: policy(jitter), random: ScriptedRandom(fractions: draws))
        return (0..<count).compactMap { _ in backoff.next().map { Double($0.clampedNanoseconds) / 1e6 } }
    }

    @Test("No jitter: exactly the un-jittered delays, whatever is drawn")
    func none() {
        #expect(delays(.none, draws: [0.9, 0.1]) == [100, 200, 400, 800, 800])
    }

    @Test("Full: from nothing to the whole delay, at the cap too")
    func full() {
        #expect(delays(.full, draws: [0]) == [0, 0, 0, 0, 0])
        #expect(delays(.full, draws: [0.5]) == [50, 100, 200, 400, 400])
        #expect(delays(.full, draws: [0.25, 0.75]) == [25, 150, 100, 600, 200])
    }

    @Test("Equal: from half to the whole delay")
    func equal() {
        #expect(delays(.equal, draws: [0]) == [50, 100, 200, 400, 400])
        #expect(delays(.equal, draws: [0.5]) == [75, 150, 300, 600, 600])
    }

    @Test("Decorrelated: between the first delay and three times the one before, capped")
    func decorrelated() {
        #expect(delays(.decorrelated, draws: [0]) == [100, 100, 100, 100, 100])
        // 100 + 200·½ = 200; 100 + 500·½ = 350; 100 + 950·½ = 575; min(800, 100 + 1625·½) = 800; the same again
        #expect(delays(.decorrelated, draws: [0.5]) == [200, 350, 575, 800, 800])
    }

    @Test("Proportional: around the delay by the ratio")
    func proportional() {
        #expect(delays(.proportional(ratio: 0.2), draws: [0]) == [80, 160, 320, 640, 640])
        #expect(delays(.proportional(ratio: 0.2), draws: [0.5]) == [100, 200, 400, 800, 800])
        #expect(delays(.proportional(ratio: 1), draws: [0]) == [0, 0, 0, 0, 0])
    }

    @Test("ZMQJitter never feeds back into the growth")
    func noFeedback() {
        #expect(delays(.full, draws: [0, 0, 0, 0.5, 0.5]) == [0, 0, 0, 400, 400])
    }

    @Test("As many retries as the policy has attempts after the first", arguments: [1, 2, 6])
    func attempts(count: Int) {
        var backoff = ZMQBackoff(policy: policy(.none, attempts: count), random: ScriptedRandom([]))
        var granted = 0
        while backoff.next() != nil { granted += 1 }
        #expect(granted == count - 1)
        #expect(backoff.next() == nil)
        backoff.reset()
        #expect((backoff.next() != nil) == (count > 1))
    }

    @Test("Reset goes back to the first delay")
    func reset() {
        var backoff = ZMQBackoff(policy: policy(.decorrelated), random: ScriptedRandom(fractions: [0.5]))
        let first = backoff.next()
        _ = backoff.next()
        backoff.reset()
        #expect(backoff.retries == 0)
        #expect(backoff.next() == first)
    }

    @Test("A seed makes the delays reproducible, and another one makes others")
    func seeds() {
        func sequence(_ seed: UInt64?) -> [Duration?] {
            var policy = policy(.full)
            policy.seed = seed
            var backoff = ZMQBackoff(policy: policy)
            return (0..<20).map { _ in backoff.next() }
        }
        #expect(sequence(42) == sequence(42))
        #expect(sequence(42) != sequence(43))
        #expect(sequence(0) == sequence(0))
        #expect(sequence(nil) != sequence(nil))
    }

    @Test("SplitMix64 gives its published sequence")
    func splitMix() {
        // The first outputs for the seed 1234567, as listed with the reference implementation.
        var random = SplitMix64(seed: 1_234_567)
        let outputs = (0..<3).map { _ in random.next() }
        #expect(outputs == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }

    @Test("Draws are spread over the unit interval")
    func units() {
        var random = SplitMix64(seed: 7)
        let draws = (0..<10_000).map { _ in random.nextUnit() }
        #expect(draws.allSatisfy { $0 >= 0 && $0 < 1 })
        let mean = draws.reduce(0, +) / 10_000
        #expect(abs(mean - 0.5) < 0.02)
        var extreme = ScriptedRandom([UInt64.max])
        #expect(extreme.nextUnit() < 1)
    }
}
