// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Every call that waits, made by a task", .watchdog)
struct AsyncDoorTests {
    /// Two linked sockets.
    private func linked(
        _ context: ZMQContext
    ) async throws -> (pusher: ZMQPusher, puller: ZMQPuller) {
        let pusher = try ZMQPusher(context: context)
        let puller = try ZMQPuller(context: context)
        let endpoint = try await puller.bind("tcp://127.0.0.1:0", timeout: ample)
        try await pusher.connect(endpoint, timeout: ample)
        return (pusher, puller)
    }

    /// Returns once somebody waits on the socket.
    private func awaitWaiter(on socket: any ZMQMessagingSocket) async throws {
        while try socket.socket.handle.withCore({ core in core.waiters.isEmpty }) { await Task.yield() }
    }

    @Test("A task that waits gets the message, and blocks no thread of the pool meanwhile")
    func receiving() async throws {
        try await withContext { context in
            let (pusher, puller) = try await linked(context)
            // More than the pool has threads.
            let tasks = (0..<64).map { _ in Task { try await puller.receive(timeout: ample).payload } }
            try await awaitWaiter(on: puller)
            for number in 0..<64 { try await pusher.send([UInt8(number)], timeout: ample) }
            var received: [[UInt8]] = []
            for task in tasks { received.append(try await task.value) }
            #expect(Set(received).count == 64)
        }
    }

    @Test("Breaking out of a loop over messages loses none")
    func breaking() async throws {
        try await withContext { context in
            let (pusher, puller) = try await linked(context)
            try await pusher.send(contentsOf: (0..<100).map { [UInt8($0)] }, timeout: ample)
            var received: [UInt8] = []
            while received.count < 100 {
                for try await message in puller.messages {
                    received += [UInt8](message)
                    if received.count % 3 == 0 || received.count == 100 { break }
                }
            }
            #expect(received == Array(0..<100))
            #expect(try puller.statistics().messagesReceived == 100)
        }
    }

    @Test("Cancelling a task ends its wait at once, and no other's")
    func cancelling() async throws {
        try await withContext { context in
            let (pusher, puller) = try await linked(context)
            let cancelled = Task { try await puller.receive(timeout: .untilCancelled) }
            try await awaitWaiter(on: puller)
            let other = Task { try await puller.receive(timeout: .untilCancelled).payload }
            cancelled.cancel()
            let error = await #expect(throws: ZMQSocketError.self) { _ = try await cancelled.value }
            #expect(error?.code == .canceled)
            try await pusher.send([7], timeout: ample)
            #expect(try await other.value == [7])
        }
    }

    @Test("Loops over messages, batches and events end with the socket, and with their task")
    func ending() async throws {
        try await withContext { context in
            for closes in [true, false] {
                let (_, puller) = try await linked(context)
                let loops = [
                    Task { for try await _ in puller.messages {} },
                    Task { for try await _ in puller.batches {} },
                    Task { for try await _ in puller.events {} },
                ]
                try await awaitWaiter(on: puller)
                if closes { try await puller.close(linger: .zero) } else { for loop in loops { loop.cancel() } }
                for loop in loops { try await loop.value }
            }
        }
    }

    @Test("Time-outs are never early", arguments: [0, 1, 20])
    func timeouts(milliseconds: Int) async throws {
        try await withContext { context in
            let puller = try ZMQPuller(context: context)
            let start = ContinuousClock.now
            let error = await #expect(throws: ZMQSocketError.self) {
                _ = try await puller.receive(timeout: .milliseconds(milliseconds))
            }
            #expect(error?.code == .timeout)
            #expect(ContinuousClock.now - start >= .milliseconds(milliseconds))
        }
    }

    @Test("Publishing and subscribing without a sleep")
    func publishing() async throws {
        try await withContext { context in
            let publisher = try ZMQPublisher(context: context)
            let subscriber = try ZMQSubscriber(context: context)
            try subscriber.subscribe(to: "weather")
            try await subscriber.connect(publisher.bind("tcp://127.0.0.1:0"), timeout: ample)
            try await subscriber.waitForSubscriptions(timeout: ample)
            try await publisher.waitForSubscribers(of: "weather", timeout: ample)
            try await publisher.publish("sunny".utf8, to: "weather")
            let message = try await subscriber.receive(timeout: ample)
            #expect(message.topic == "weather")
            #expect(message.text == "sunny")
        }
    }

    @Test("A request and its answer")
    func requesting() async throws {
        try await withContext { context in
            let replier = try ZMQReplier(context: context)
            let requester = try ZMQRequester(context: context)
            try await requester.connect(replier.bind("tcp://127.0.0.1:0"), timeout: ample)
            let server = Task {
                for try await request in replier.messages { try await replier.reply(request, timeout: ample) }
            }
            for number in 0..<100 {
                #expect(try await requester.request([UInt8(number)], timeout: ample) == [UInt8(number)])
            }
            server.cancel()
            try await server.value
        }
    }

    @Test("A scope closes its socket, however it ends")
    func scopes() async throws {
        var opened: [ZMQPuller] = []
        try await ZMQPuller.with { opened.append($0) }
        await #expect(throws: CancellationError.self) {
            try await ZMQPuller.with { puller in
                opened.append(puller)
                throw CancellationError()
            }
        }
        #expect(opened.map(\.state) == [.closed, .closed])
    }

    /// Runs a test with a context of its own.
    private func withContext(_ body: (ZMQContext) async throws -> Void) async throws {
        let context = try ZMQContext()
        do {
            try await body(context)
            try await context.close(linger: .zero)
        } catch {
            try? await context.close(linger: .zero)
            throw error
        }
    }
}
