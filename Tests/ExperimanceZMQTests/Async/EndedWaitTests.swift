// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQTesting
import Testing

@testable import ExperimanceZMQ

@Suite("The end of all waits in a context", .watchdog(seconds: 60))
struct EndedWaitTests {
    @Test("Tasks that wait come back, and those that would begin to")
    func tasks() async throws {
        let context = try ZMQContext()
        let puller = try ZMQPuller(context: context)
        let pusher = try ZMQPusher(context: context)
        let codes = await withTaskGroup(of: ZMQSocketError.Code?.self) { group in
            for _ in 0..<4 {
                group.addTask { await code { _ = try await puller.receive(timeout: .untilCancelled) } }
                group.addTask { await code { try await pusher.send([1], timeout: .untilCancelled) } }
                group.addTask { await code { try await puller.waitForPeers(atLeast: 1, timeout: .untilCancelled) } }
            }
            await untilParked(4, on: puller, [.readable])
            await untilParked(4, on: puller, [.state])
            await untilParked(4, on: pusher, [.writable])
            #expect(throws: Never.self) { try context.endWaits() }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes == Array(repeating: .canceled, count: 12))
        #expect(await code { _ = try await puller.receive(timeout: .untilCancelled) } == .canceled)
        #expect(await code { _ = try await puller.receive(timeout: .zero) } == .timeout)
        #expect(puller.state == .idle)
        try await context.close(linger: .zero)
        #expect(await code { try context.endWaits() } == .closed)
    }

    @Test("A loop over messages ends with why")
    func sequence() async throws {
        let context = try ZMQContext()
        let puller = try ZMQPuller(context: context)
        async let ended = code { for try await _ in puller.messages {} }
        await untilParked(1, on: puller, [.readable])
        try context.endWaits()
        #expect(await ended == .canceled)
        try await context.close(linger: .zero)
    }

    @Test("Those in the process-wide context are everybody's")
    func shared() async {
        #expect(await code { try ZMQContext.shared.endWaits() } == .invalid)
    }
}

/// Nil if nothing is thrown.
private func code(_ body: () async throws -> Void) async -> ZMQSocketError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? ZMQSocketError)?.code ?? .internal
    }
}

/// Gives others their turn until so many wait for this.
private func untilParked(_ count: Int, on socket: some ZMQMessagingSocket, _ interest: Interest) async {
    while (try? socket.socket.handle.withCore { $0.waiters.count(of: interest) }) != count { await Task.yield() }
}
