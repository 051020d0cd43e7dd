// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

/// One call that makes no sense: what it answers, and a word its message has.
private struct Misuse: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let code: ZMQSocketError.Code
    var word = ""
    let call: @Sendable (Bench) throws -> Void

    init(
        _ name: String,
        _ code: ZMQSocketError.Code,
        _ word: String = "",
        _ call: @escaping @Sendable (Bench) throws -> Void
    ) {
        testDescription = name
        self.code = code
        self.word = word
        self.call = call
    }
}

private let late = ZMQTimeout.milliseconds(-1)
private let endless = ZMQTimeout.seconds(1 << 40)
private let tooLong = String(repeating: "t", count: 65_537)
private let garbled = String(repeating: "t", count: 250)

private let misuses: [Misuse] =
    [late, endless].flatMap { time in
        [
            Misuse("send within \(String(describing: time))", .invalid, "time-out") {
                try $0.pusher.send([1], timeout: time)
            },
            Misuse("receive within \(String(describing: time))", .invalid, "time-out") {
                _ = try $0.puller.receive(timeout: time)
            },
            Misuse("publish within \(String(describing: time))", .invalid, "time-out") {
                try $0.publisher.publish([1], to: "t", timeout: time)
            },
            Misuse("bind within \(String(describing: time))", .invalid, "time-out") {
                try $0.puller.bind("tcp://127.0.0.1:0", timeout: time)
            },
            Misuse("connect within \(String(describing: time))", .invalid, "time-out") {
                try $0.pusher.connect("tcp://127.0.0.1:1", timeout: time)
            },
            Misuse("waitPeers within \(String(describing: time))", .invalid, "time-out") {
                try $0.puller.waitForPeers(timeout: time)
            },
            Misuse("waitSubscribers within \(String(describing: time))", .invalid, "time-out") {
                try $0.publisher.waitForSubscribers(of: "t", timeout: time)
            },
            Misuse("waitSubscribed within \(String(describing: time))", .invalid, "time-out") {
                try $0.subscriber.waitForSubscriptions(timeout: time)
            },
            Misuse("nextEvent within \(String(describing: time))", .invalid, "time-out") {
                _ = try $0.puller.nextEvent(timeout: time)
            },
            Misuse("close within \(String(describing: time))", .invalid, "time-out") {
                try $0.puller.close(linger: time)
            },
        ]
    }
    + [
        Misuse("subscribe to a garbled topic", .invalid) { try $0.subscriber.subscribe(to: garbled) },
        Misuse("subscribe to a topic that is too long", .invalid) { try $0.subscriber.subscribe(to: tooLong) },
        Misuse("unsubscribe from a garbled topic", .invalid) { try $0.subscriber.unsubscribe(from: garbled) },
        Misuse("wait for subscribers of a garbled topic", .invalid) {
            try $0.publisher.waitForSubscribers(of: garbled)
        },
        Misuse("wait for less than no peers", .invalid) { try $0.puller.waitForPeers(atLeast: -1) },
        Misuse("wait for less than no subscribers", .invalid) {
            try $0.publisher.waitForSubscribers(of: "t", atLeast: -1)
        },
        Misuse("send no parts", .invalid) { try $0.pusher.socket.send(parts: []) },
        Misuse("send on a puller", .notSupported) { try $0.puller.socket.send([1]) },
        Misuse("receive on a pusher", .notSupported) { _ = try $0.pusher.socket.receive() },
        Misuse("unbind what is not bound", .state, "not bound") { try $0.puller.unbind("tcp://127.0.0.1:1") },
        Misuse("disconnect what is not connected", .state, "not connected") {
            try $0.pusher.disconnect("tcp://127.0.0.1:1")
        },
        Misuse("close the shared context", .invalid, "process-wide") { _ in try ZMQContext.shared.close() },
    ]

@Suite("Bad input", .watchdog)
struct BadInputTests {
    @Test("What makes no sense is refused with a word of why, and changes nothing", arguments: misuses)
    fileprivate func refused(misuse: Misuse) throws {
        let bench = try Bench()
        defer { try? bench.context.close(linger: .zero) }
        let states = bench.states
        let error = failure { try misuse.call(bench) }.error
        #expect(error?.code == misuse.code)
        #expect(error?.message.contains(misuse.word) == true || misuse.word.isEmpty, "\(error?.message ?? "")")
        #expect(error?.message.isEmpty == false)
        #expect(bench.states == states)
        #expect(try bench.peers() == [1, 1, 1, 1])
        #expect(try bench.works())
    }

    @Test("Policies that are not valid give no delay that is none")
    func policies() {
        var policy = ZMQRetryPolicy()
        policy.maxAttempts = .min
        policy.jitter = .proportional(ratio: .nan)
        policy.initialBackoff = .seconds(Int64.max)
        policy.maxBackoff = .seconds(Int64.max)
        policy.multiplier = -10
        var backoff = ZMQBackoff(policy: policy)
        for retry in [1, 2, 1_000] {
            #expect(policy.unjitteredDelay(beforeRetry: retry) >= .zero)
            #expect((backoff.next() ?? .zero) >= .zero)
        }
    }
}
