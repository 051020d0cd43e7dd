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

/// Two linked pairs that have to work after every misuse as before.
private struct Bench: Sendable {
    let context: Context
    let pusher: Pusher
    let puller: Puller
    let publisher: Publisher
    let subscriber: Subscriber

    init() throws {
        context = try Context()
        pusher = try Pusher(context: context)
        puller = try Puller(context: context)
        publisher = try Publisher(context: context)
        subscriber = try Subscriber(context: context)
        try pusher.connect(puller.bind("tcp://127.0.0.1:0"), timeout: ample)
        try puller.waitPeers(1, timeout: ample)
        try subscriber.subscribe("t")
        try subscriber.connect(publisher.bind("tcp://127.0.0.1:0"), timeout: ample)
        try publisher.waitPeers(1, timeout: ample)
        try publisher.waitSubscribers("t", timeout: ample)
    }

    var states: [SocketState] { [pusher.state, puller.state, publisher.state, subscriber.state] }

    func peers() throws -> [Int] {
        try [pusher.statistics(), puller.statistics(), publisher.statistics(), subscriber.statistics()].map(\.peers)
    }

    func works() throws -> Bool {
        try pusher.send([1], timeout: ample)
        try publisher.publish("t", [2])
        return try puller.receive(timeout: ample) == [1] && subscriber.receive(timeout: ample).payload == [2]
    }
}

private let late = Duration.milliseconds(-1)
private let endless = Duration.seconds(1 << 40)
private let tooLong = String(repeating: "t", count: 65_537)
private let garbled = String(repeating: "t", count: 250)

private let endpoints: [(String, ZMQSocketError.Code, String)] = [
    ("", .invalid, "empty"), ("nonsense", .invalid, "transport"), ("tcp://127.0.0.1", .invalid, "port"),
    ("tcp://127.0.0.1:65536", .invalid, "65535"), ("tcp://127.0.0.1:99999", .invalid, "65535"),
    ("tcp://:5555", .invalid, "host"), ("tcp://" + String(repeating: "x", count: 2_000), .invalid, "bytes"),
    ("ipc://" + String(repeating: "x", count: 108), .invalid, "107"), ("http://127.0.0.1:80", .notSupported, "tcp"),
]

private let misuses: [Misuse] =
    endpoints.flatMap { text, code, word in
        [
            Misuse("bind to \(text.prefix(24))", code, word) { try $0.puller.bind(text) },
            Misuse("connect to \(text.prefix(24))", code, word) { try $0.puller.connect(text) },
            Misuse("connect in the background to \(text.prefix(24))", code, word) {
                try $0.puller.connectInBackground(text)
            },
            Misuse("unbind from \(text.prefix(24))", code, word) { try $0.puller.unbind(text) },
            Misuse("disconnect from \(text.prefix(24))", code, word) { try $0.pusher.disconnect(text) },
        ]
    }
    + [late, endless].flatMap { time in
        [
            Misuse("send within \(String(describing: time))", .invalid, "time-out") {
                try $0.pusher.send([1], timeout: time)
            },
            Misuse("receive within \(String(describing: time))", .invalid, "time-out") {
                _ = try $0.puller.receive(timeout: time)
            },
            Misuse("publish within \(String(describing: time))", .invalid, "time-out") {
                try $0.publisher.publish("t", [1], timeout: time)
            },
            Misuse("bind within \(String(describing: time))", .invalid, "time-out") {
                try $0.puller.bind("tcp://127.0.0.1:0", timeout: time)
            },
            Misuse("connect within \(String(describing: time))", .invalid, "time-out") {
                try $0.pusher.connect("tcp://127.0.0.1:1", timeout: time)
            },
            Misuse("waitPeers within \(String(describing: time))", .invalid, "time-out") {
                try $0.puller.waitPeers(timeout: time)
            },
            Misuse("waitSubscribers within \(String(describing: time))", .invalid, "time-out") {
                try $0.publisher.waitSubscribers("t", timeout: time)
            },
            Misuse("waitSubscribed within \(String(describing: time))", .invalid, "time-out") {
                try $0.subscriber.waitSubscribed(timeout: time)
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
        Misuse("subscribe to a garbled topic", .invalid) { try $0.subscriber.subscribe(garbled) },
        Misuse("subscribe to a topic that is too long", .invalid) { try $0.subscriber.subscribe(tooLong) },
        Misuse("unsubscribe from a garbled topic", .invalid) { try $0.subscriber.unsubscribe(garbled) },
        Misuse("wait for subscribers of a garbled topic", .invalid) { try $0.publisher.waitSubscribers(garbled) },
        Misuse("wait for less than no peers", .invalid) { try $0.puller.waitPeers(-1) },
        Misuse("wait for less than no subscribers", .invalid) { try $0.publisher.waitSubscribers("t", count: -1) },
        Misuse("send no parts", .invalid) { try $0.pusher.socket.send(parts: []) },
        Misuse("send on a puller", .notSupported) { try $0.puller.socket.send([1]) },
        Misuse("receive on a pusher", .notSupported) { _ = try $0.pusher.socket.receive() },
        Misuse("unbind what is not bound", .state, "not bound") { try $0.puller.unbind("tcp://127.0.0.1:1") },
        Misuse("disconnect what is not connected", .state, "not connected") {
            try $0.pusher.disconnect("tcp://127.0.0.1:1")
        },
        Misuse("close the shared context", .invalid, "process-wide") { _ in try Context.shared.close() },
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
        var policy = RetryPolicy()
        policy.maxAttempts = .min
        policy.jitter = .proportional(ratio: .nan)
        policy.initialBackoff = .seconds(Int64.max)
        policy.maxBackoff = .seconds(Int64.max)
        policy.multiplier = -10
        var backoff = Backoff(policy: policy)
        for retry in [1, 2, 1_000] {
            #expect(policy.unjitteredDelay(beforeRetry: retry) >= .zero)
            #expect((backoff.next() ?? .zero) >= .zero)
        }
    }
}
