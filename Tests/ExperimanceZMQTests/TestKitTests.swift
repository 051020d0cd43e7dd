// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import ExperimanceZMQTesting
import Testing

@Suite("The test kit", .watchdog)
struct TestKitTests {
    private struct NotYet: Error {}

    @Test("A retry on a manual clock takes no time")
    func manualClock() async throws {
        var policy = ZMQRetryPolicy()
        policy.initialBackoff = .seconds(3_600)
        policy.maxBackoff = .seconds(86_400)
        policy.jitter = .none
        let clock = ManualClock()
        let retrying = Task { [policy] in
            var attempts = 0
            return try await retry(policy: policy, clock: clock) {
                attempts += 1
                guard attempts > 2 else { throw NotYet() }
                return attempts
            }
        }
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(3_600))
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(7_199))
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(1))
        #expect(try await retrying.value == 3)
    }

    @Test("A sleep on a manual clock ends with its task")
    func cancelledSleep() async throws {
        let clock = ManualClock()
        let sleeping = Task { try await clock.sleep(for: .seconds(1)) }
        await clock.sleepers(atLeast: 1)
        sleeping.cancel()
        await #expect(throws: CancellationError.self) { try await sleeping.value }
        let early = Task { try await clock.sleep(for: .seconds(1)) }
        early.cancel()
        await #expect(throws: CancellationError.self) { try await early.value }
        try await clock.sleep(for: .zero)
    }

    @Test("Who waits for sleepers stops when its task is cancelled")
    func cancelledWatch() async {
        let clock = ManualClock()
        let watching = Task { await clock.sleepers(atLeast: 1) }
        watching.cancel()
        await watching.value
        let early = Task {
            while !Task.isCancelled { await Task.yield() }
            await clock.sleepers(atLeast: 1)
        }
        early.cancel()
        await early.value
    }

    @Test("A manual clock stops at the ends of time")
    func endsOfTime() {
        let clock = ManualClock()
        let long = Duration.seconds(Int64.max) * 18
        clock.advance(by: long)
        clock.advance(by: long)
        let end = clock.now
        #expect(end.advanced(by: .seconds(1)) == end)
        let back = Duration.zero - long
        let start = end.advanced(by: back).advanced(by: back).advanced(by: back)
        #expect(start < end)
        #expect(start.advanced(by: .seconds(-1)) <= start)
        #expect(start.duration(to: end) > .zero)
        #expect(end.duration(to: start) < .zero)
    }

    @Test("Connected pairs carry messages", arguments: FreeEndpoint.allCases)
    func pairs(carrier: FreeEndpoint) async throws {
        // On a machine that is busy with something else.
        let patience = ZMQTimeout.seconds(60)
        try await ConnectedPair.withPipeline(over: carrier) { pusher, puller in
            try await pusher.send([1], timeout: patience)
            #expect(try await Array(puller.receive(timeout: patience)) == [1])
        }
        try await ConnectedPair.withPublisher(of: ["t"], over: carrier) { publisher, subscriber in
            try await publisher.publish([2], to: "t", timeout: patience)
            #expect(try await Array(subscriber.receive(timeout: patience)) == [2])
        }
        try await ConnectedPair.withRequester(over: carrier) { requester, replier in
            async let answer = requester.request([3], timeout: patience)
            try await replier.reply(replier.receive(timeout: patience), timeout: patience)
            #expect(try await Array(answer) == [3])
        }
    }

    @Test("Two free endpoints are not the same", arguments: [FreeEndpoint.ipc, .inproc])
    func freeEndpoints(carrier: FreeEndpoint) {
        #expect(carrier.endpoint != carrier.endpoint)
    }

    @Test("A leak check sees what is not closed, and when it is")
    func leaks() async throws {
        // In a process of its own, where nobody else opens anything.
        await #expect(processExitsWith: .success) {
            // What a process makes once.
            try await ZMQPuller().close()
            try await ZMQContext.shutdown(timeout: .seconds(120))
            let before = LeakCheck()
            let puller = try ZMQPuller()
            #expect(await !LeakCheck.isBack(to: before, within: .milliseconds(1)))
            try await puller.close()
            try await ZMQContext.shutdown(timeout: .seconds(120))
            #expect(await LeakCheck.isBack(to: before, within: .seconds(120)))
        }
    }

    @Test("Random numbers from a script stay within the interval")
    func scriptedFractions() {
        var random = ScriptedRandom(fractions: [.nan, -1, 2, 0.5])
        #expect((0..<4).map { _ in random.next() } == [0, 0, 0xFFFF_FFFF_FFFF_F800, 1 << 63])
    }
}
