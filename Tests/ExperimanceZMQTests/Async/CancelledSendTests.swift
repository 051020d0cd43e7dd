// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Sends that are cancelled at random moments are taken or not", .serialized, .watchdog(seconds: 300))
struct CancelledSendTests {
    /// What a puller has when everything up to this number has come, drained with pauses, so that sends have to wait.
    private static func drain(
        _ receive: @escaping @Sendable () async throws -> ZMQMessage,
        until last: Int
    ) -> Task<[Int], any Error> {
        Task {
            var received: [Int] = []
            while received.last != last {
                received.append(try await receive().number)
                if Int.random(in: 0..<4) == 0 { await randomMoment() }
            }
            return received
        }
    }

    @Test("One at a time", arguments: Carrier.allCases)
    func send(carrier: Carrier) async throws {
        let pair = try await LinkedPair(over: carrier, room: 1)
        let rounds = cancellations(among: Carrier.allCases.count)
        let receiver = Self.drain({ try await pair.puller.receive(timeout: ample) }, until: rounds)
        var taken: [Int] = []
        for number in 0..<rounds {
            let isTaken: Void? = try await cancelledAtRandom {
                try await pair.pusher.send(bytes(of: number), timeout: ample)
            }
            if isTaken != nil { taken.append(number) }
        }
        try await pair.pusher.send(bytes(of: rounds), timeout: ample)
        #expect(try await receiver.value == taken + [rounds])
        #expect(try pair.pusher.statistics().messagesSent == UInt64(taken.count + 1))
        await pair.close()
    }

    @Test("Of several parts", arguments: [Carrier.tcp, .inproc])
    func parts(carrier: Carrier) async throws {
        let pair = try await LinkedPair(over: carrier, room: 1)
        let rounds = cancellations(among: 2)
        let receiver = Task {
            var received: [[[UInt8]]] = []
            while received.last?.count != 1 {
                received.append(try await pair.puller.receive(timeout: ample).parts)
                if Int.random(in: 0..<4) == 0 { await randomMoment() }
            }
            return received
        }
        var taken: [[[UInt8]]] = []
        for number in 0..<rounds {
            let parts = [bytes(of: number), [], bytes(of: -number)]
            let isTaken: Void? = try await cancelledAtRandom {
                try await pair.pusher.send(parts: parts, timeout: ample)
            }
            if isTaken != nil { taken.append(parts) }
        }
        try await pair.pusher.send([0], timeout: ample)
        #expect(try await receiver.value == taken + [[[0]]])
        await pair.close()
    }

    @Test("Many in one call", arguments: [Carrier.tcp, .inproc])
    func many(carrier: Carrier) async throws {
        let pair = try await LinkedPair(over: carrier, room: 10)
        let rounds = cancellations(among: 2)
        let receiver = Self.drain({ try await pair.puller.receive(timeout: ample) }, until: -1)
        var (taken, number): ([Int], Int) = ([], 0)
        for _ in 0..<rounds {
            let numbers = Array(number..<number + Int.random(in: 1...40))
            let count = try await cancelledAtRandom {
                try await pair.pusher.send(contentsOf: numbers.map { bytes(of: $0) }, timeout: ample)
            }
            taken += numbers.prefix(count ?? 0)
            number += numbers.count
        }
        try await pair.pusher.send(bytes(of: -1), timeout: ample)
        #expect(try await receiver.value == taken + [-1])
        await pair.close()
    }

    @Test("Published, where a full queue is waited for", arguments: [Carrier.tcp, .inproc])
    func publish(carrier: Carrier) async throws {
        let context = try ZMQContext()
        let options = ZMQSocketOptions.with {
            ($0.sendHighWaterMark, $0.receiveHighWaterMark, $0.onFull) = (1, 1, .wait)
        }
        let publisher = try ZMQPublisher(options: options, context: context)
        let subscriber = try ZMQSubscriber(options: options, context: context)
        try subscriber.subscribe(to: "t")
        try await subscriber.connect(publisher.bind(carrier.freeEndpoint), timeout: ample)
        try await publisher.waitForSubscribers(of: "t", timeout: ample)
        let rounds = cancellations(among: 2)
        let receiver = Self.drain({ try await subscriber.receive(timeout: ample) }, until: rounds)
        var taken: [Int] = []
        for number in 0..<rounds {
            let isTaken: Void? = try await cancelledAtRandom {
                try await publisher.publish(bytes(of: number), to: "t", timeout: ample)
            }
            if isTaken != nil { taken.append(number) }
        }
        try await publisher.publish(bytes(of: rounds), to: "t", timeout: ample)
        #expect(try await receiver.value == taken + [rounds])
        try await context.close(linger: .zero)
    }

    @Test("Several tasks on one socket", arguments: [Carrier.tcp, .inproc])
    func together(carrier: Carrier) async throws {
        let pair = try await LinkedPair(over: carrier, room: 2)
        let receiver = Self.drain({ try await pair.puller.receive(timeout: ample) }, until: -1)
        let taken = try await withThrowingTaskGroup(of: [Int].self) { group in
            for start in 0..<4 {
                group.addTask {
                    var taken: [Int] = []
                    for round in 0..<cancellations(among: 8) {
                        let number = 4 * round + start
                        let isTaken: Void? = try await cancelledAtRandom {
                            try await pair.pusher.send(bytes(of: number), timeout: ample)
                        }
                        if isTaken != nil { taken.append(number) }
                    }
                    return taken
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try await pair.pusher.send(bytes(of: -1), timeout: ample)
        #expect(try await receiver.value.sorted() == [-1] + taken.sorted())
        await pair.close()
    }
}
