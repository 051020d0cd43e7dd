// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQTesting
import Testing

@testable import ExperimanceZMQ

/// What libzmq gets of a policy, and what becomes of a thousand clients whose libzmq repeats it.
@Suite("Repeated delays", .watchdog)
struct RepeatedDelaysTests {
    private static let jitters: [ZMQJitter] = [.full, .equal, .decorrelated, .proportional(ratio: 0.2)]
    /// Milliseconds before the first retry and at most.
    private static let limits: [(Int, Int)] = [
        (0, 0), (1, 20), (5, 1_000), (50, 30_000), (100, 100), (100, 1_000), (100, 30_000), (1_000, 30_000),
    ]

    private func policy(_ jitter: ZMQJitter, _ initial: Int, _ longest: Int) -> ZMQRetryPolicy {
        var policy = ZMQRetryPolicy()
        policy.initialBackoff = .milliseconds(initial)
        policy.maxBackoff = .milliseconds(longest)
        policy.jitter = jitter
        return policy
    }

    /// The interval and the cap for two draws.
    private func delays(_ policy: ZMQRetryPolicy, draws: Double...) -> [Int32] {
        var random = ScriptedRandom(fractions: draws)
        let delays = RepeatedDelays(policy: policy, least: 25, using: &random)
        return [delays.interval, delays.cap]
    }

    @Test("Without jitter, half of the first delay and the longest")
    func none() {
        var policy = policy(.none, 100, 800)
        #expect(delays(policy, draws: 0.3) == [50, 800])
        policy.multiplier = 1
        #expect(delays(policy, draws: 0.3) == [50, 50])
        #expect(delays(self.policy(.none, 0, 0), draws: 0.3) == [25, 25])
    }

    @Test("With jitter, the first wait is within the first delay and the longest within the longest")
    func drawn() {
        // libzmq waits from the interval up to twice the interval.
        for jitter in [ZMQJitter.full, .equal] {
            #expect(delays(policy(jitter, 100, 800), draws: 0) == [25, 400])
            #expect(delays(policy(jitter, 100, 800), draws: 0.5, 0.25) == [37, 500])
            #expect(delays(policy(jitter, 100, 800), draws: 0.99) == [49, 796])
        }
        #expect(delays(policy(.decorrelated, 100, 800), draws: 0, 0.5) == [50, 600])
        #expect(delays(policy(.decorrelated, 100, 800), draws: 0.5) == [100, 600])
        // There is no room for more than the delay itself.
        #expect(delays(policy(.decorrelated, 100, 100), draws: 0) == [25, 50])
        #expect(delays(policy(.proportional(ratio: 0.2), 100, 800), draws: 0) == [40, 640])
        #expect(delays(policy(.proportional(ratio: 0.2), 100, 800), draws: 0.5) == [50, 800])
        #expect(delays(policy(.proportional(ratio: 1), 100, 800), draws: 0) == [25, 400])
    }

    @Test("A policy with shorter delays than there may be has those of one that has not")
    func shorterThanMayBe() {
        #expect(delays(policy(.equal, 5, 800), draws: 0.5) == delays(policy(.equal, 100, 800), draws: 0.5))
        #expect(delays(policy(.proportional(ratio: 0.2), 1, 2), draws: 0) == [25, 25])
        #expect(delays(policy(.proportional(ratio: 0.2), 1, 2), draws: 0.5) == [31, 31])
    }

    @Test("libzmq's sums stay within 32 bits")
    func longest() {
        let longest = Int(Int32.max)
        for jitter in Self.jitters + [.none] {
            #expect(delays(policy(jitter, longest, longest), draws: 0.999).allSatisfy { $0 <= Int32.max / 2 })
        }
    }

    @Test("A seed makes them reproducible, and clients without one differ")
    func seeds() {
        var options = ZMQSocketOptions()
        #expect(Set((0..<100).map { _ in options.reconnectDelays() }).count > 50)
        options.retry.seed = 7
        #expect(options.reconnectDelays() == options.reconnectDelays())
    }

    /// When a client tries, in milliseconds from the loss on. libzmq draws the same in every process.
    private func attempts(of delays: RepeatedDelays, until end: Int) -> [Int] {
        var libzmq = SplitMix64(seed: 1)
        var times: [Int] = []
        var (time, wait) = (0, Int(delays.interval))
        while true {
            time += wait + Int(libzmq.next() % UInt64(delays.interval))
            guard time < end else { return times }
            times.append(time)
            if delays.cap > delays.interval { wait = min(2 * wait, Int(delays.cap)) }
        }
    }

    @Test(
        "A thousand clients of one server do not come back as one, whatever the policy",
        arguments: jitters,
        limits
    )
    func herd(jitter: ZMQJitter, limits: (Int, Int)) {
        var random = SplitMix64(seed: 5)
        let policy = policy(jitter, limits.0, limits.1)
        let longest = max(100, limits.1)
        // They are at their longest delay for a good while.
        let (start, end) = (4 * longest + 4 * limits.0, 10 * longest + 4 * limits.0)
        let width = max(10, longest / 100)
        var bins = [Int](repeating: 0, count: (end - start) / width)
        for _ in 0..<1_000 {
            let delays = RepeatedDelays(policy: policy, least: 25, using: &random)
            for time in attempts(of: delays, until: start + bins.count * width) where time >= start {
                bins[(time - start) / width] += 1
            }
        }
        let mean = Double(bins.reduce(0, +)) / Double(bins.count)
        #expect(mean > 5)
        #expect(Double(bins.max() ?? 0) < 3 * mean, "bins of \(width) ms: \(bins)")
    }
}
