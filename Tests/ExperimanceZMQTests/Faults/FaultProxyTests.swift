// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import ExperimanceZMQTesting
import Testing

@Suite("The fault proxy of the test kit", .watchdog)
struct FaultProxyTests {
    private static let patience = ZMQTimeout.seconds(20)

    /// A pipeline whose messages go through a proxy.
    private func withPipeline(
        over carrier: FreeEndpoint = .tcp,
        seed: UInt64? = nil,
        _ body: nonisolated(nonsending) (ZMQPusher, ZMQPuller, FaultProxy) async throws -> Void
    ) async throws {
        try await ZMQPuller.with { puller in
            let target = try await puller.bind(carrier.endpoint, timeout: Self.patience)
            try await FaultProxy.with(target: target, seed: seed) { proxy in
                try await ZMQPusher.with { pusher in
                    try await pusher.connect(proxy.endpoint, timeout: Self.patience)
                    try await body(pusher, puller, proxy)
                }
            }
        }
    }

    @Test("Messages go through it", arguments: [FreeEndpoint.tcp, .ipc])
    func passes(carrier: FreeEndpoint) async throws {
        try await withPipeline(over: carrier) { pusher, puller, proxy in
            try await pusher.send("hello".utf8, timeout: Self.patience)
            #expect(try await puller.receive(timeout: Self.patience).text == "hello")
            let statistics = try proxy.statistics()
            #expect(statistics.connections == 1)
            #expect(statistics.open == 1)
            #expect(statistics.bytesToTarget > 5)
            #expect(statistics.faults == 0)
            #expect(statistics.lastFailure == nil)
        }
    }

    @Test("A connection that is reset comes back with its messages")
    func reset() async throws {
        try await withPipeline { pusher, puller, proxy in
            let fault = try proxy.add(.reset(), to: .all)
            // What is sent before the sender has noticed may go with the connection; it has once it comes again.
            try await fault.waitForStrikes(atLeast: 2, timeout: Self.patience)
            try fault.remove()
            try await pusher.send("after all".utf8, timeout: Self.patience)
            #expect(try await puller.receive(timeout: Self.patience).text == "after all")
            #expect(try proxy.statistics().connections > 1)
        }
    }

    @Test(
        "What is held back arrives when the fault is gone",
        arguments: [
            FaultProxy.Fault.blackhole, .stall(afterBytes: 0), .latency(.seconds(1_000)),
        ]
    )
    func held(effect: FaultProxy.Fault) async throws {
        try await withPipeline { pusher, puller, proxy in
            let fault = try proxy.add(effect)
            try await pusher.send("at last".utf8, timeout: Self.patience)
            try await fault.waitForStrikes(timeout: Self.patience)
            await #expect(throws: ZMQSocketError.self) { _ = try await puller.receive(timeout: .zero) }
            try fault.remove()
            #expect(try await puller.receive(timeout: Self.patience).text == "at last")
        }
    }

    @Test("Down is refused, and up again is reached")
    func down() async throws {
        try await ZMQPuller.with { puller in
            let target = try await puller.bind("tcp://127.0.0.1:*", timeout: Self.patience)
            try await FaultProxy.with(target: target) { proxy in
                let fault = try proxy.add(.down)
                var once = ZMQSocketOptions()
                once.retry.maxAttempts = 1
                try await ZMQPusher.with(options: once) { pusher in
                    let error = await #expect(throws: ZMQSocketError.self) {
                        try await pusher.connect(proxy.endpoint, timeout: Self.patience)
                    }
                    #expect(error?.code == .refused)
                    try fault.remove()
                    try await pusher.connect(proxy.endpoint, timeout: Self.patience)
                }
            }
        }
    }

    static let nonsense: [(FaultProxy.Fault, FaultProxy.Direction, FaultProxy.Connections)] = [
        (.reset(afterBytes: -1), .both, .all), (.close(after: .seconds(-1)), .both, .all),
        (.latency(.zero), .both, .all), (.latency(.seconds(1), jitter: .seconds(2)), .both, .all),
        (.bandwidth(bytesPerSecond: 0), .both, .all), (.bandwidth(bytesPerSecond: -1), .both, .all),
        (.slice(bytes: 0), .both, .all), (.slice(bytes: 1 << 40), .both, .all), (.slowClose(.zero), .both, .all),
        (.corrupt(rate: .nan), .both, .all), (.stall(afterBytes: -1), .both, .all), (.halfOpen, .both, .all),
        (.down, .toTarget, .all), (.down, .both, .next(1)), (.http, .both, .next(0)), (.http, .both, .next(-1)),
        (.http, .both, .next(1 << 40)), (.http, .both, .share(0)), (.http, .both, .next(1).share(2)),
    ]

    @Test("What makes no sense is refused", arguments: nonsense.indices)
    func senseless(index: Int) throws {
        let (fault, direction, connections) = Self.nonsense[index]
        let proxy = try FaultProxy(target: "tcp://127.0.0.1:9")
        defer { proxy.close() }
        let error = #expect(throws: ZMQSocketError.self) { try proxy.add(fault, direction, to: connections) }
        #expect(error?.code == .invalid)
        #expect(try proxy.statistics().faults == 0)
    }

    @Test("An absent target is told")
    func absent() async throws {
        try await FaultProxy.with(target: "tcp://no-such-host.invalid:1") { proxy in
            var once = ZMQSocketOptions()
            once.retry.maxAttempts = 1
            try await ZMQPusher.with(options: once) { pusher in
                _ = await #expect(throws: ZMQSocketError.self) {
                    try await pusher.connect(proxy.endpoint, timeout: Self.patience)
                }
            }
            try await proxy.wait(for: .failed, atLeast: 1, timeout: Self.patience)
            #expect(try proxy.statistics().lastFailure?.code == .resolve)
        }
    }

    @Test("A wait ends with its task, with its time and with the proxy")
    func waits() async throws {
        let proxy = try FaultProxy(target: "tcp://127.0.0.1:9", seed: 77)
        #expect(proxy.seed == 77)
        let canceled = Task { try await proxy.wait(for: .connections, atLeast: 1, timeout: .untilCancelled) }
        canceled.cancel()
        let cancellation = await #expect(throws: ZMQSocketError.self) { try await canceled.value }
        #expect(cancellation?.code == .canceled)
        let late = await #expect(throws: ZMQSocketError.self) {
            try await proxy.wait(for: .ended, atLeast: 1, timeout: .milliseconds(1))
        }
        #expect(late?.code == .timeout)
        try await proxy.wait(for: .struck, atLeast: 0)
        let fault = try proxy.add(.http)
        let waiting = Task { try await fault.waitForStrikes(timeout: .untilCancelled) }
        proxy.close()
        proxy.close()
        let closed = await #expect(throws: ZMQSocketError.self) { try await waiting.value }
        #expect(closed?.code == .closed)
        #expect(throws: ZMQSocketError.self) { try fault.remove() }
        #expect(throws: ZMQSocketError.self) { try proxy.drop() }
    }

    @Test("A thread waits as a task does")
    func thread() throws {
        let proxy = try FaultProxy(target: "tcp://127.0.0.1:9")
        defer { proxy.close() }
        try proxy.wait(for: .connections, atLeast: 0)
        let late = #expect(throws: ZMQSocketError.self) {
            try proxy.wait(for: .connections, atLeast: 1, timeout: .milliseconds(1))
        }
        #expect(late?.code == .timeout)
        let endless = #expect(throws: ZMQSocketError.self) {
            try proxy.wait(for: .connections, atLeast: 0, timeout: .untilCancelled)
        }
        #expect(endless?.code == .invalid)
    }
}
