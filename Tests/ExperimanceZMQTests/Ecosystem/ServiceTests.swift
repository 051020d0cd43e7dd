// SPDX-License-Identifier: Apache-2.0

#if ServiceLifecycle
    import ServiceLifecycle
    import ServiceLifecycleTestKit
    import Synchronization
    import Testing

    @testable import ExperimanceZMQ

    @Suite("A socket as a service", .watchdog)
    struct ServiceTests {
        private struct Broken: Error {}

        /// A pusher linked to a puller.
        private func pair() async throws -> (ZMQPusher, ZMQPuller) {
            let (pusher, puller) = (try ZMQPusher(), try ZMQPuller())
            try await pusher.connect(try await puller.bind("tcp://127.0.0.1:*"), timeout: ample)
            return (pusher, puller)
        }

        @Test("A graceful shutdown lets what has been received be handled, and closes the socket")
        func drains() async throws {
            let (pusher, puller) = try await pair()
            let handled = Mutex<[String]>([])
            let (isBusy, mayGoOn) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
            let service = ZMQService(receivingFrom: puller, drainLimit: ampleTime) { message in
                handled.withLock { $0.append(message.text) }
                guard message.text == "0" else { return }
                isBusy.continuation.yield()
                for await _ in mayGoOn.stream { break }
            }
            try await testGracefulShutdown { trigger in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await service.run() }
                    try await pusher.send("0".utf8, timeout: ample)
                    for await _ in isBusy.stream { break }
                    // While the handler is busy; the last comes when the shutdown has begun.
                    for number in 1...500 { try await pusher.send("\(number)".utf8, timeout: ample) }
                    trigger.triggerGracefulShutdown()
                    mayGoOn.continuation.yield()
                    try await group.waitForAll()
                }
            }
            // What TCP had not brought yet is not received; but in order, and nothing twice.
            let order = handled.withLock { $0 }
            #expect(order == (0..<order.count).map(String.init))
            let received = order.count
            #expect(received >= 1)
            #expect(puller.state == .closed)
        }

        @Test("A service that waits for messages ends with the shutdown")
        func idle() async throws {
            let puller = try ZMQPuller()
            try await puller.bind("tcp://127.0.0.1:*")
            try await testGracefulShutdown { trigger in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await ZMQService(receivingFrom: puller) { _ in }.run() }
                    trigger.triggerGracefulShutdown()
                    try await group.waitForAll()
                }
            }
            #expect(puller.state == .closed)
        }

        @Test("A cancelled service ends and closes its socket", arguments: [true, false])
        func cancelled(receives: Bool) async throws {
            let puller = try ZMQPuller()
            try await puller.bind("tcp://127.0.0.1:*")
            let service = receives ? ZMQService(receivingFrom: puller) { _ in } : ZMQService(closing: puller)
            let task = Task { try await service.run() }
            task.cancel()
            try await task.value
            #expect(puller.state == .closed)
        }

        @Test("What a handler throws ends the service, also when it looks like the end of a wait")
        func handlerThrows() async throws {
            for failure in [Broken() as any Error, ZMQSocketError(.closed), ZMQSocketError(.timeout)] {
                let (pusher, puller) = try await pair()
                try await pusher.send("x".utf8, timeout: ample)
                await #expect(throws: (any Error).self) {
                    try await ZMQService(receivingFrom: puller) { _ in throw failure }.run()
                }
                #expect(puller.state == .closed)
            }
        }

        @Test("A socket that only sends is closed by the shutdown once its queue is sent")
        func queueIsSent() async throws {
            let (pusher, puller) = try await pair()
            let count = 200
            try await testGracefulShutdown { trigger in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await ZMQService(closing: pusher, linger: ample).run() }
                    for _ in 0..<count { try await pusher.send("x".utf8, timeout: ample) }
                    trigger.triggerGracefulShutdown()
                    try await group.waitForAll()
                }
            }
            #expect(pusher.state == .closed)
            for _ in 0..<count { _ = try await puller.receive(timeout: ample) }
        }

        /// Nothing of it is a moment that a clock can name.
        private static let beyondTime = [
            Duration(attoseconds: .max), Duration(attoseconds: .min), .seconds(-1), .zero,
        ]

        @Test("A drain limit beyond all time, or before it, ends no process", arguments: beyondTime)
        func drainLimits(limit: Duration) async throws {
            let puller = try ZMQPuller()
            try await puller.bind("tcp://127.0.0.1:*")
            try await testGracefulShutdown { trigger in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await ZMQService(receivingFrom: puller, drainLimit: limit) { _ in }.run() }
                    trigger.triggerGracefulShutdown()
                    try await group.waitForAll()
                }
            }
            #expect(puller.state == .closed)
        }

        @Test("A socket that somebody closes ends its service without an error")
        func closedByOthers() async throws {
            let puller = try ZMQPuller()
            try await puller.bind("tcp://127.0.0.1:*")
            let task = Task { try await ZMQService(receivingFrom: puller) { _ in }.run() }
            try await puller.close()
            try await task.value
        }
    }
#endif
