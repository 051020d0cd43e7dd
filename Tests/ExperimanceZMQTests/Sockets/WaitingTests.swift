// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQTesting
import Glibc
import TestSupport
import Testing

@testable import ExperimanceZMQ

@Suite("Waiting, cancelling, closing", .watchdog)
struct WaitingTests {
    /// Every call that can wait, on a socket on which nothing will happen.
    private static let calls:
        [(name: String, body: @Sendable (ZMQContext) throws -> (ZMQSocket, (ZMQTimeout) throws -> Void))] = [
            (
                "receive",
                { context in
                    let socket = try ZMQSocket(.pull, context: context)
                    return (socket, { _ = try socket.receive(timeout: $0) })
                }
            ),
            (
                "receiveParts",
                { context in
                    let socket = try ZMQSocket(.sub, context: context)
                    return (socket, { _ = try socket.receive(timeout: $0) })
                }
            ),
            (
                "send",
                { context in
                    let socket = try ZMQSocket(.push, context: context)
                    return (socket, { try socket.send([1], timeout: $0) })
                }
            ),
            (
                "send parts",
                { context in
                    let socket = try ZMQSocket(.push, context: context)
                    return (socket, { try socket.send(parts: [[1], [2]], timeout: $0) })
                }
            ),
            (
                "connect",
                { context in
                    let socket = try ZMQSocket(.sub, context: context)
                    let peer = try MisbehavingPeer(.silent)
                    return (socket, { try socket.connect(peer.endpoint, timeout: $0) })
                }
            ),
            (
                "connect inproc",
                { context in
                    let socket = try ZMQSocket(.sub, context: context)
                    return (
                        socket,
                        { timeout in
                            do {
                                try socket.connect(Carrier.inproc.freeEndpoint, timeout: timeout)
                            } catch let error as ZMQSocketError where error.code == .refused {
                                throw ZMQSocketError(.timeout)
                            }
                        }
                    )
                }
            ),
            (
                "waitPeers",
                { context in
                    let socket = try ZMQSocket(.sub, context: context)
                    return (socket, { try socket.waitForPeers(atLeast: 1, timeout: $0) })
                }
            ),
            (
                "waitSubscribers",
                { context in
                    let publisher = try ZMQPublisher(context: context)
                    return (publisher.socket, { try publisher.waitForSubscribers(of: "t", timeout: $0) })
                }
            ),
            (
                "waitSubscribed",
                { context in
                    let subscriber = try ZMQSubscriber(context: context)
                    return (subscriber.socket, { try subscriber.waitForSubscriptions(timeout: $0) })
                }
            ),
            (
                "nextEvent",
                { context in
                    let socket = try ZMQSocket(.pull, context: context)
                    return (socket, { while true { _ = try socket.nextEvent(timeout: $0) } })
                }
            ),
        ]

    @Test("Time-outs are never early, and not late", arguments: [0, 1, 20, 150])
    func timeouts(milliseconds: Int) throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        for (name, make) in Self.calls {
            let (_, call) = try make(context)
            let (error, elapsed) = failure { try call(.milliseconds(milliseconds)) }
            #expect(error?.code == .timeout, "\(name)")
            #expect(elapsed >= .milliseconds(milliseconds), "\(name)")
            #expect(elapsed < .milliseconds(milliseconds) + .seconds(5), "\(name)")
        }
    }

    @Test("Cancel ends every kind of wait, and the socket stays usable")
    func cancelling() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        for (name, make) in Self.calls {
            let prepared = UncheckedBox(try make(context))
            let socket = prepared.value.0
            let task = BackgroundTask { failure { try prepared.value.1(ample) }.error }
            try awaitWaiter(on: socket)
            socket.cancel()
            #expect(try task.value()?.code == .canceled, "\(name)")
            let error = failure { try prepared.value.1(brief) }.error
            #expect(error?.code == .timeout, "\(name)")
        }
    }

    @Test("Close ends every kind of wait")
    func closing() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        for (name, make) in Self.calls {
            let prepared = UncheckedBox(try make(context))
            let socket = prepared.value.0
            let task = BackgroundTask { failure { try prepared.value.1(ample) }.error }
            try awaitWaiter(on: socket)
            try socket.close(linger: .zero)
            #expect(try task.value()?.code == .closed, "\(name)")
            #expect(failure { try prepared.value.1(brief) }.error?.code == .closed, "\(name)")
            try socket.close()
        }
    }

    @Test("Closing the context ends the waits on all its sockets")
    func closingContext() throws {
        let context = try ZMQContext()
        let tasks = try Self.calls.map { name, make in
            let prepared = UncheckedBox(try make(context))
            let task = BackgroundTask { failure { try prepared.value.1(ample) }.error }
            try awaitWaiter(on: prepared.value.0)
            return (name, task)
        }
        try context.close(linger: .zero)
        for (name, task) in tasks { #expect(try task.value()?.code == .closed, "\(name)") }
        #expect(failure { _ = try ZMQSocket(.pull, context: context) }.error?.code == .closed)
        try context.close()
    }

    @Test("A cancel with nobody waiting does nothing to later calls")
    func idleCancel() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let socket = try ZMQSocket(.pull, context: context)
        socket.cancel()
        #expect(failure { _ = try socket.receive(timeout: brief) }.error?.code == .timeout)
    }

    @Test("Several senders and receivers on one socket each: every message arrives once")
    func manyThreads() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let push = try ZMQSocket(.push, context: context)
        let pull = try ZMQSocket(.pull, context: context)
        try push.connect(pull.bind("tcp://127.0.0.1:0"), timeout: ample)
        let (threads, each) = (4, 2_000)
        let senders = (0..<threads).map { thread in
            BackgroundTask {
                for number in 0..<each {
                    let value = thread * each + number
                    try push.send([UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)], timeout: ample)
                }
            }
        }
        let receivers = (0..<threads).map { _ in
            BackgroundTask {
                try (0..<each).map { _ in
                    let bytes = try pull.receive(timeout: ample).payload
                    return Int(bytes[0]) << 8 | Int(bytes[1])
                }
            }
        }
        for sender in senders { try sender.value() }
        let received = try receivers.flatMap { try $0.value() }.sorted()
        #expect(received == Array(0..<(threads * each)))
    }

    @Test("One thread sends while another waits on the same socket: no wake-up is lost")
    func senderAndReceiver() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let first = try ZMQSocket(.dealer, context: context)
        let second = try ZMQSocket(.dealer, context: context)
        try first.connect(second.bind("tcp://127.0.0.1:0"), timeout: ample)
        let count = 3_000
        let echo = BackgroundTask {
            for _ in 0..<count { try second.send(second.receive(timeout: ample), timeout: ample) }
        }
        let receiver = BackgroundTask {
            try (0..<count).map { _ in try first.receive(timeout: ample).payload }.map { Int($0[0]) << 8 | Int($0[1]) }
        }
        for number in 0..<count { try first.send([UInt8(number >> 8), UInt8(number & 0xFF)], timeout: ample) }
        #expect(try receiver.value() == Array(0..<count))
        try echo.value()
    }

    /// Returns once a call waits on the socket.
    private func awaitWaiter(on socket: ZMQSocket) throws {
        let end = ContinuousClock.now + ampleTime
        while ContinuousClock.now < end {
            let isWaiting = try socket.handle.withCore { core in !core.waiters.isEmpty }
            if isWaiting { return }
            // Nothing signals that a thread has gone to sleep; give it the processor.
            sched_yield()
        }
        throw ZMQSocketError(.timeout, message: "nobody waits")
    }
}

/// Carries a test's closures to its other thread.
private final class UncheckedBox<Value>: @unchecked Sendable {
    // Unchecked: written once, before the thread starts.
    let value: Value
    init(_ value: Value) { self.value = value }
}
