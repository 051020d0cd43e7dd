// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

/// One call of a task that makes no sense, and what it answers.
private struct Misuse: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let code: ZMQSocketError.Code
    let call: @Sendable (Bench) async throws -> Void

    init(
        _ name: String,
        _ code: ZMQSocketError.Code = .invalid,
        _ call: @escaping @Sendable (Bench) async throws -> Void
    ) {
        testDescription = name
        self.code = code
        self.call = call
    }
}

extension Duration {
    /// So long that its seconds are more than 64 bits hold.
    static let beyondSeconds = Duration(attoseconds: .max)
}

/// None of them is how long a call may take.
private let nonsense: [ZMQTimeout] = [
    .milliseconds(-1), .milliseconds(.min), .milliseconds(.max), .seconds(1 << 40), .seconds(Int.min),
    .seconds(Int.max),
    .seconds(-0.5), .seconds(Double.nan), .seconds(Double.infinity), .seconds(-Double.infinity), .seconds(1e300),
    .duration(.nanoseconds(-1)), .duration(.seconds(Int64.max)), .duration(.seconds(Int64.min)),
    .duration(Duration(secondsComponent: .max, attosecondsComponent: 999_999_999_999_999_999)),
    .duration(.beyondSeconds), .duration(.zero - .beyondSeconds), .duration(Duration(attoseconds: .min)),
]

/// Calls that could do something at once.
private let calls: [(name: String, body: @Sendable (Bench, ZMQTimeout) async throws -> Void)] = [
    ("send", { try await $0.pusher.send([1], timeout: $1) }),
    ("send parts", { try await $0.pusher.send(parts: [[1], [2]], timeout: $1) }),
    ("send many", { try await $0.pusher.send(contentsOf: [[1], [2]], timeout: $1) }),
    ("send none of many", { try await $0.pusher.send(contentsOf: [[UInt8]](), timeout: $1) }),
    ("receive", { _ = try await $0.puller.receive(timeout: $1) }),
    ("receive a batch", { _ = try await $0.puller.receiveBatch(timeout: $1) }),
    ("publish", { try await $0.publisher.publish([1], to: "t", timeout: $1) }),
    ("bind", { try await $0.puller.bind("tcp://127.0.0.1:0", timeout: $1) }),
    ("connect", { try await $0.pusher.connect("tcp://127.0.0.1:1", timeout: $1) }),
    ("wait for peers", { try await $0.puller.waitForPeers(timeout: $1) }),
    ("wait for subscribers", { try await $0.publisher.waitForSubscribers(of: "t", timeout: $1) }),
    ("wait for subscriptions", { try await $0.subscriber.waitForSubscriptions(timeout: $1) }),
    ("next event", { _ = try await $0.puller.nextEvent(timeout: $1) }),
    ("close", { try await $0.puller.close(linger: $1) }),
    ("close the context", { try await $0.context.close(linger: $1) }),
    ("shut down", { _, time in try await ZMQContext.shutdown(timeout: time) }),
    ("retry", { _, time in try await retry(time) {} }),
]

private let garbled = String(repeating: "t", count: 250)

private let misuses: [Misuse] =
    calls.map { call in
        Misuse("\(call.name) within no time there is") { bench in
            for time in nonsense {
                let error = await #expect(throws: ZMQSocketError.self, "\(time)") { try await call.body(bench, time) }
                #expect(error?.code == .invalid, "\(time)")
                #expect(error?.message.contains("time-out") == true, "\(time)")
            }
            throw ZMQSocketError(.invalid)
        }
    }
    + [
        Misuse("close with an endless linger") { try await $0.puller.close(linger: .untilCancelled) },
        Misuse("close the context with an endless linger") { try await $0.context.close(linger: .untilCancelled) },
        Misuse("shut down within no limit") { _ in try await ZMQContext.shutdown(timeout: .untilCancelled) },
        Misuse("wait for subscribers of a garbled topic") { try await $0.publisher.waitForSubscribers(of: garbled) },
        Misuse("wait for less than no peers") { try await $0.puller.waitForPeers(atLeast: .min) },
        Misuse("wait for less than no subscribers") { try await $0.publisher.waitForSubscribers(of: "t", atLeast: -1) },
        Misuse("send no parts") { try await $0.pusher.send(parts: []) },
        Misuse("send on a puller", .notSupported) { try await $0.puller.socket.send([1]) },
        Misuse("send parts on a puller", .notSupported) { try await $0.puller.socket.send(parts: [[1]]) },
        Misuse("send many on a puller", .notSupported) { try await $0.puller.socket.send(contentsOf: [[1]]) },
        Misuse("receive on a pusher", .notSupported) { _ = try await $0.pusher.socket.receive() },
        Misuse("receive messages on a pusher", .notSupported) { for try await _ in $0.pusher.socket.messages {} },
        Misuse("receive batches on a pusher", .notSupported) { for try await _ in $0.pusher.socket.batches {} },
        Misuse("bind to nothing") { try await $0.puller.bind("") },
        Misuse("bind to a port there is none of") { try await $0.puller.bind("tcp://127.0.0.1:65536") },
        Misuse("connect to nothing") { try await $0.pusher.connect("") },
        Misuse("connect to an unknown transport", .notSupported) { try await $0.pusher.connect("smoke://hill") },
        Misuse("close the shared context") { _ in try await ZMQContext.shared.close() },
        Misuse("send an answer without a request", .state) { bench in
            try await ZMQReplier.with(context: bench.context) { try await $0.reply([1]) }
        },
        Misuse("send on a ROUTER what has no address", .notSupported) { bench in
            let router = try ZMQSocket(.router, context: bench.context)
            try await router.send([1])
        },
        Misuse("send an address alone on a ROUTER", .notSupported) { bench in
            let router = try ZMQSocket(.router, context: bench.context)
            try await router.send(parts: [[1]])
        },
        Misuse("send many on a ROUTER", .notSupported) { bench in
            let router = try ZMQSocket(.router, context: bench.context)
            try await router.send(contentsOf: [[1]])
        },
        Misuse("publish a topic that would end before its end") { bench in
            let options = ZMQSocketOptions.with { $0.wireForm = .space }
            try await ZMQPublisher.with(options: options, context: bench.context) {
                try await $0.publish([1], to: "a b")
            }
        },
        Misuse("send too much", .tooLarge) { bench in
            let options = ZMQSocketOptions.with { $0.maxMessageSize = 10 }
            let pusher = try ZMQPusher(options: options, context: bench.context)
            await #expect(throws: ZMQSocketError.self) {
                try await pusher.send(parts: [[1], .init(repeating: 0, count: 10)])
            }
            await #expect(throws: ZMQSocketError.self) {
                try await pusher.send(contentsOf: [[UInt8](repeating: 0, count: 11)])
            }
            try await pusher.send([UInt8](repeating: 0, count: 11))
        },
        Misuse("use a socket after its scope", .closed) { bench in
            let puller = try await ZMQPuller.with(context: bench.context) { $0 }
            for try await _ in puller.messages {}
            for try await _ in puller.events {}
            try await puller.close()
            _ = try await puller.receive()
        },
    ]

@Suite("Bad input of tasks", .watchdog)
struct BadInputInTasksTests {
    @Test(
        "What makes no sense is refused, also where it could be done at once, and changes nothing",
        arguments: misuses
    )
    fileprivate func refused(misuse: Misuse) async throws {
        let bench = try Bench()
        let states = bench.states
        let error = await #expect(throws: ZMQSocketError.self) { try await misuse.call(bench) }
        #expect(error?.code == misuse.code)
        #expect(error?.message.isEmpty == false)
        #expect(bench.states == states)
        #expect(try bench.peers() == [1, 1, 1, 1])
        #expect(try bench.works())
        try await bench.context.close(linger: .zero)
    }

    @Test("Many messages of which one is too large: those before it are sent")
    func tooLargeAmongMany() async throws {
        let bench = try Bench()
        let pusher = try ZMQPusher(options: .with { $0.maxMessageSize = 10 }, context: bench.context)
        try await pusher.connect(bench.puller.endpoint ?? "", timeout: ample)
        let messages: [[UInt8]] = [[1], [2], .init(repeating: 3, count: 11), [4]]
        #expect(try await pusher.send(contentsOf: messages, timeout: ample) == 2)
        #expect(try await bench.puller.receive(timeout: ample) == [1])
        #expect(try await bench.puller.receive(timeout: ample) == [2])
        try await bench.context.close(linger: .zero)
    }

    @Test("A message has no part before the first and none after the last, and a made one has one")
    func parts() throws {
        let message = try ZMQMessage(parts: [[1], []])
        for number in [Int.min, -1, 2, Int.max] { #expect((message.part(number) == nil) == true) }
        #expect(message.isEmpty)
        #expect(message.topic == "\u{1}")
        #expect(throws: ZMQSocketError.self) { try ZMQMessage(parts: []) }
    }
}
