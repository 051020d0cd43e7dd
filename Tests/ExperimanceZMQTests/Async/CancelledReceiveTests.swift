// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Receives that are cancelled at random moments lose nothing", .serialized, .watchdog(seconds: 300))
struct CancelledReceiveTests {
    @Test("One at a time", arguments: Carrier.allCases)
    func receive(carrier: Carrier) async throws {
        let pair = try await LinkedPair(over: carrier)
        var (sent, received): (Int, [Int]) = (0, [])
        for _ in 0..<cancellations(among: Carrier.allCases.count) {
            let message = try await cancelledAtRandom {
                try await pair.puller.receive(timeout: ample)
            } meanwhile: {
                guard Bool.random(), sent - received.count < 100 else { return }
                try await pair.pusher.send(bytes(of: sent), timeout: ample)
                sent += 1
            }
            if let message { received.append(message.number) }
        }
        while received.count < sent { received.append(try await pair.puller.receive(timeout: ample).number) }
        #expect(received == Array(0..<sent))
        #expect(try pair.puller.statistics().messagesReceived == UInt64(sent))
        await pair.close()
    }

    /// How a task takes messages until it is cancelled.
    enum Way: String, CaseIterable {
        case messages, messagesAndBreak, batches, receiveBatch

        func take(from puller: ZMQPuller) async throws -> [Int] {
            var taken: [Int] = []
            switch self {
            case .messages:
                for try await message in puller.messages { taken.append(message.number) }
            case .messagesAndBreak:
                let enough = Int.random(in: 1...50)
                for try await message in puller.messages {
                    taken.append(message.number)
                    if taken.count >= enough { break }
                }
            case .batches:
                for try await batch in puller.batches { taken += batch.map(\.number) }
            case .receiveBatch:
                taken = try await puller.receiveBatch(timeout: .untilCancelled).map(\.number)
            }
            return taken
        }
    }

    @Test("Sequences, with a sender that sends in bursts", arguments: Way.allCases, [Carrier.tcp, .inproc])
    func sequences(way: Way, carrier: Carrier) async throws {
        let pair = try await LinkedPair(over: carrier, room: 100)
        let isOver = Flag()
        let sender = Task { try await pair.sendNumbers(until: isOver) }
        var received: [Int] = []
        for _ in 0..<cancellations(among: 2) {
            received += try await cancelledAtRandom { try await way.take(from: pair.puller) } ?? []
        }
        isOver.raise()
        received += try await pair.rest(after: received.count, of: sender)
        #expect(received == Array(0..<received.count))
        await pair.close()
    }

    @Test("Several tasks on one socket, each in its way", arguments: [Carrier.tcp, .inproc])
    func together(carrier: Carrier) async throws {
        let pair = try await LinkedPair(over: carrier, room: 100)
        let isOver = Flag()
        let sender = Task { try await pair.sendNumbers(until: isOver) }
        let taken = try await withThrowingTaskGroup(of: [Int].self) { group in
            for way in Way.allCases + Way.allCases {
                group.addTask {
                    var taken: [Int] = []
                    for _ in 0..<cancellations(among: 8) {
                        taken += try await cancelledAtRandom { try await way.take(from: pair.puller) } ?? []
                    }
                    return taken
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for one in taken { #expect(zip(one, one.dropFirst()).allSatisfy { $0 < $1 }) }
        isOver.raise()
        let before = taken.flatMap(\.self)
        let received = before + (try await pair.rest(after: before.count, of: sender))
        #expect(received.sorted() == Array(0..<received.count))
        await pair.close()
    }
}

extension LinkedPair {
    /// What is received after so many, until all is here that the sender says it has sent.
    func rest(after count: Int, of sender: Task<Int, any Error>) async throws -> [Int] {
        let hasEnded = Flag()
        let total = Task {
            defer { hasEnded.raise() }
            return try await sender.value
        }
        var rest: [Int] = []
        // The sender waits for room.
        while !hasEnded.isRaised {
            if let message = try? await puller.receive(timeout: .milliseconds(10)) { rest.append(message.number) }
        }
        while try await count + rest.count < total.value {
            rest.append(try await puller.receive(timeout: ample).number)
        }
        return rest
    }
}
