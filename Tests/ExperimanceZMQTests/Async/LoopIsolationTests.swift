// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Testing

@testable import ExperimanceZMQ

@Suite("A loop runs where it was written, also after it has waited", .watchdog(seconds: 300))
struct LoopIsolationTests {
    /// More than a batch, and far fewer at a time: loops wait again and again.
    private static let count = 600

    @Test("On the main actor")
    func mainActor() async throws {
        try await feeding { puller in try await onMainActor(puller) }
    }

    @MainActor
    private func onMainActor(_ puller: ZMQPuller) async throws {
        var seen = 0
        for try await _ in puller.messages {
            MainActor.assertIsolated()
            dispatchPrecondition(condition: .onQueue(.main))
            seen += 1
            if seen == Self.count / 2 { break }
        }
        for try await batch in puller.batches {
            dispatchPrecondition(condition: .onQueue(.main))
            seen += batch.count
            if seen == Self.count { break }
        }
        var events = puller.events.makeAsyncIterator()
        #expect(try await events.next() != nil)
        dispatchPrecondition(condition: .onQueue(.main))
    }

    @Test("On an actor with an executor of its own")
    func ownExecutor() async throws {
        try await feeding { puller in try await Reader().read(puller, Self.count) }
    }

    @Test("On an actor, through code that knows the sequence by its protocol alone")
    func generic() async throws {
        try await feeding { puller in try await Reader().readGeneric(puller.messages, Self.count) }
        try await feeding { puller in try await Reader().readAny(puller.messages, Self.count) }
    }

    /// Sends messages, each once the one before has been taken, while `body` receives.
    private func feeding(_ body: (ZMQPuller) async throws -> Void) async throws {
        let context = try ZMQContext()
        let pusher = try ZMQPusher(context: context)
        let puller = try ZMQPuller(context: context)
        try await pusher.connect(puller.bind("tcp://127.0.0.1:0", timeout: ample), timeout: ample)
        let feeder = Task {
            for number in 0..<Self.count {
                try await pusher.send([UInt8(truncatingIfNeeded: number)], timeout: ample)
                while try puller.statistics().messagesReceived <= UInt64(number) { await Task.yield() }
            }
        }
        try await body(puller)
        try await feeder.value
        try await context.close(linger: .zero)
    }
}

/// Jobs on a queue of Dispatch, which can tell whether it is the one that runs.
private final class QueueExecutor: SerialExecutor {
    let queue = DispatchQueue(label: "loop-isolation")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

private actor Reader {
    private let executor = QueueExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private var seen = 0

    private func note() {
        dispatchPrecondition(condition: .onQueue(executor.queue))
        seen += 1
    }

    func read(_ puller: ZMQPuller, _ count: Int) async throws {
        for try await _ in puller.messages {
            note()
            if seen == count { break }
        }
        #expect(seen == count)
    }

    func readGeneric<S: AsyncSequence>(_ sequence: S, _ count: Int) async throws where S.Element: Sendable {
        for try await _ in sequence {
            note()
            if seen == count { break }
        }
        #expect(seen == count)
    }

    func readAny(_ sequence: any AsyncSequence<ZMQMessage, ZMQSocketError>, _ count: Int) async throws {
        for try await _ in sequence {
            note()
            if seen == count { break }
        }
        #expect(seen == count)
    }
}
