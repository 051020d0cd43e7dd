// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Foundation
import Synchronization
import Testing

/// How often each call is cancelled; fewer times for who runs the tests again and again.
let cancellations = ProcessInfo.processInfo.environment["EXZ_CANCELLATIONS"].flatMap { Int($0) } ?? 10_000

/// The rounds of one of several tests, or cases of one, that cancel the same call.
func cancellations(among tests: Int) -> Int { cancellations / tests }

/// Lets a random while pass: none, as long as others that can run need for a step, or up to 100 µs.
func randomMoment() async {
    switch Int.random(in: 0..<4) {
    case 0: return
    case 1: await Task.yield()
    case 2: spin(for: .nanoseconds(Int.random(in: 0..<10_000)))
    default: spin(for: .nanoseconds(Int.random(in: 0..<100_000)))
    }
}

private func spin(for duration: Duration) {
    let end = ContinuousClock.now + duration
    while ContinuousClock.now < end {}
}

/// Makes a call in a task of its own, and cancels that at a random moment.
///
/// - Parameter meanwhile: what happens in between, before or after another random while.
/// - Returns: what the call has returned; nil if it was cancelled.
/// - Throws: any other error.
func cancelledAtRandom<Value: Sendable>(
    _ call: sending @escaping () async throws -> Value,
    meanwhile: () async throws -> Void = {}
) async throws -> Value? {
    let task = Task { try await call() }
    await randomMoment()
    try await meanwhile()
    if Bool.random() { await randomMoment() }
    task.cancel()
    do {
        return try await task.value
    } catch let error as ZMQSocketError where error.code == .canceled {
        return nil
    }
}

/// A flag that one task raises and others see.
final class Flag: Sendable {
    private let raised = Atomic<Bool>(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    func raise() { raised.store(true, ordering: .releasing) }
}

/// The bytes of a number.
func bytes(of number: Int) -> [UInt8] { Array("\(number)".utf8) }

extension ZMQMessage {
    /// The number whose bytes it is; -1 if it is none.
    var number: Int { Int(text) ?? -1 }
}

/// A pusher and a puller that are linked, in a context of their own.
struct LinkedPair {
    let context: ZMQContext
    let pusher: ZMQPusher
    let puller: ZMQPuller

    /// - Parameter room: the high-water mark of both.
    init(over carrier: Carrier, room: Int = 1_000) async throws {
        let options = ZMQSocketOptions.with {
            $0.sendHighWaterMark = room
            $0.receiveHighWaterMark = room
        }
        context = try ZMQContext()
        pusher = try ZMQPusher(options: options, context: context)
        puller = try ZMQPuller(options: options, context: context)
        try await pusher.connect(puller.bind(carrier.freeEndpoint), timeout: ample)
    }

    /// Sends numbers from 0 on, in bursts, until the flag is raised, and receives nothing.
    ///
    /// - Returns: how many were sent.
    func sendNumbers(until isOver: Flag) async throws -> Int {
        var count = 0
        while !isOver.isRaised {
            for _ in 0..<Int.random(in: 1...300) {
                try await pusher.send(bytes(of: count), timeout: ample)
                count += 1
            }
            await randomMoment()
        }
        return count
    }

    func close() async { try? await context.close(linger: .zero) }
}
