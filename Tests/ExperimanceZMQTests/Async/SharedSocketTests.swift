// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQTesting
import Testing

@testable import ExperimanceZMQ

@Suite("One socket for several tasks and threads", .serialized, .watchdog(seconds: 300))
struct SharedSocketTests {
    /// How numbers are received until the socket is closed.
    private enum Receiver: CaseIterable {
        case threadReceive, threadBatches, taskReceive, taskMessages, taskBatches

        func run(_ puller: ZMQPuller) async throws -> [Int] {
            var received: [Int] = []
            switch self {
            case .threadReceive:
                return try await onThread {
                    try untilClosed { () throws(ZMQSocketError) in [try puller.receive(timeout: brief).number] }
                }
            case .threadBatches:
                return try await onThread {
                    try untilClosed { () throws(ZMQSocketError) in try puller.receiveBatch(timeout: brief).map(\.number)
                    }
                }
            case .taskReceive:
                while true {
                    do throws(ZMQSocketError) {
                        received.append(try await puller.receive(timeout: brief).number)
                    } catch {
                        if error.code == .closed { return received }
                        guard error.code == .timeout else { throw error }
                    }
                }
            case .taskMessages:
                for try await message in puller.messages { received.append(message.number) }
            case .taskBatches:
                for try await batch in puller.batches { received += batch.map(\.number) }
            }
            return received
        }
    }

    @Test("Threads and tasks send and receive: every message arrives once", arguments: [Carrier.tcp, .inproc])
    func mixed(carrier: Carrier) async throws {
        let pair = try await LinkedPair(over: carrier, room: 50)
        let (senders, each) = (4, 5_000)
        let receivers = Task {
            try await withThrowingTaskGroup(of: [Int].self) { group in
                for receiver in Receiver.allCases { group.addTask { try await receiver.run(pair.puller) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<senders {
                let numbers = sender * each..<(sender + 1) * each
                group.addTask {
                    guard sender % 2 == 0 else {
                        return try await onThread {
                            for number in numbers { try pair.pusher.send(bytes(of: number), timeout: ample) }
                        }
                    }
                    for number in numbers { try await pair.pusher.send(bytes(of: number), timeout: ample) }
                }
            }
            try await group.waitForAll()
        }
        while try pair.puller.statistics().messagesReceived < UInt64(senders * each) { await Task.yield() }
        try await pair.puller.close(linger: .zero)
        #expect(try await receivers.value.sorted() == Array(0..<senders * each))
        await pair.close()
    }

    @Test("Many tasks make a request each at once, some are cancelled, and all others are answered")
    func requests() async throws {
        let context = try ZMQContext()
        let replier = try ZMQReplier(context: context)
        let requester = try ZMQRequester(context: context)
        try await requester.connect(replier.bind("tcp://127.0.0.1:0"), timeout: ample)
        let server = Task { for try await request in replier.messages { try await replier.reply(request) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    if number % 3 == 0 {
                        let answer = try await cancelledAtRandom {
                            try await requester.request(bytes(of: number), timeout: ample).number
                        }
                        #expect(answer ?? number == number)
                    } else {
                        #expect(try await requester.request(bytes(of: number), timeout: ample).number == number)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await context.close(linger: .zero)
        try await server.value
    }

    // MARK: Close against all of them

    /// A call that waits on a socket on which nothing happens, or goes on for as long as it is open.
    private enum Call: CaseIterable {
        case receive, messages, batches, send, sendMany, sendParts, connect, bind, peers, nextEvent, events
        case threadReceive, threadSend, threadPeers

        /// - Returns: why it has ended; nil if the sequence has.
        func run(_ socket: ZMQSocket, _ silent: String, _ taken: String) async -> ZMQSocketError? {
            do {
                switch self {
                case .receive: while true { _ = try await socket.receive(timeout: .untilCancelled) }
                case .messages: for try await _ in socket.messages {}
                case .batches: for try await _ in socket.batches {}
                case .send: while true { try await socket.send([1], timeout: .untilCancelled) }
                case .sendMany: while true { try await socket.send(contentsOf: [[1], [2]], timeout: .untilCancelled) }
                case .sendParts: while true { try await socket.send(parts: [[1], [2]], timeout: .untilCancelled) }
                case .connect: try await socket.connect(silent, timeout: .untilCancelled)
                case .bind: try await socket.bind(taken, timeout: .untilCancelled)
                case .peers: try await socket.waitForPeers(atLeast: 9, timeout: .untilCancelled)
                case .nextEvent: while true { _ = try await socket.nextEvent(timeout: .untilCancelled) }
                case .events: for try await _ in socket.events {}
                case .threadReceive: try await onThread { while true { _ = try socket.receive(timeout: ample) } }
                case .threadSend: try await onThread { while true { try socket.send([1], timeout: ample) } }
                case .threadPeers: try await onThread { try socket.waitForPeers(atLeast: 9, timeout: ample) }
                }
                return nil
            } catch {
                return error as? ZMQSocketError ?? ZMQSocketError(.internal)
            }
        }

        var isSequence: Bool { self == .messages || self == .batches || self == .events }
    }

    /// How all waits are ended.
    enum End: CaseIterable {
        case close, closeFromThread, closeTwice, closeContext
    }

    @Test("A close at any moment ends every call that waits", arguments: End.allCases)
    func close(end: End) async throws {
        let silent = try MisbehavingPeer(.silent)
        defer { silent.stop() }
        let others = try ZMQContext()
        let peer = try ZMQSocket(.dealer, options: .with { $0.receiveHighWaterMark = 5 }, context: others)
        let taken = try await peer.bind("tcp://127.0.0.1:0")
        var options = ZMQSocketOptions.quickRetries()
        options.sendHighWaterMark = 5
        for _ in 0..<150 {
            let context = try ZMQContext()
            let socket = try ZMQSocket(.dealer, options: options, context: context)
            if Bool.random() { try await socket.connect(taken, timeout: ample) }
            await withThrowingTaskGroup(of: Void.self) { group in
                for call in Call.allCases {
                    group.addTask {
                        let error = await call.run(socket, silent.endpoint, taken)
                        #expect(error?.code == (call.isSequence ? nil : .closed), "\(call)")
                    }
                }
                await randomMoment()
                group.addTask {
                    switch end {
                    case .close: try await socket.close(linger: .zero)
                    case .closeFromThread: try await onThread { try socket.close(linger: .zero) }
                    case .closeTwice:
                        async let other: Void = socket.close(linger: .milliseconds(10))
                        try await socket.close(linger: .zero)
                        try await other
                    case .closeContext: try await context.close(linger: .zero)
                    }
                }
            }
            try await context.close(linger: .zero)
        }
        try await others.close(linger: .zero)
    }

    @Test("Cancelling all waits on a socket ends those of its tasks, whenever it comes")
    func cancel() async throws {
        let context = try ZMQContext()
        let socket = try ZMQSocket(.pull, context: context)
        for _ in 0..<cancellations(among: 5) {
            let ended = (0..<3).map { _ in Flag() }
            await withTaskGroup(of: Void.self) { group in
                for (flag, isSequence) in zip(ended, [false, true, false]) {
                    group.addTask {
                        defer { flag.raise() }
                        do {
                            _ =
                                try await isSequence
                                ? socket.messages.first { _ in true } : socket.receive(timeout: .untilCancelled)
                            Issue.record("it has received something")
                        } catch {
                            #expect((error as? ZMQSocketError)?.code == .canceled)
                        }
                    }
                }
                await randomMoment()
                // One that comes before a wait is not for it.
                while !ended.allSatisfy(\.isRaised) {
                    socket.cancel()
                    await Task.yield()
                }
            }
        }
        try await context.close(linger: .zero)
    }
}

/// Calls a function until the socket is closed, and again after a time-out.
private func untilClosed(_ receive: () throws(ZMQSocketError) -> [Int]) throws -> [Int] {
    var received: [Int] = []
    while true {
        do throws(ZMQSocketError) {
            received += try receive()
        } catch {
            if error.code == .closed { return received }
            guard error.code == .timeout else { throw error }
        }
    }
}
