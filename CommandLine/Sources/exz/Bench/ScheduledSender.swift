// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Measuring
import Shell
import Synchronization

/// Sends numbered requests in a thread of its own, each when it is due, for as long as their answers are taken.
final class ScheduledSender: Sendable {
    private let side: MeasuringSide
    private let request: [[UInt8]]
    private let schedule: Schedule
    private let count: UInt64
    private let number = Atomic<UInt64>(0)
    private let isStopped = Atomic<Bool>(false)
    /// Ends a wait for room. What ends the measurement ends the taking of answers, and that ends this.
    private let canceler: ZMQCanceler

    init(_ side: MeasuringSide, _ request: [[UInt8]], _ schedule: Schedule, count: UInt64) throws(ZMQSocketError) {
        (self.side, self.request, self.schedule, self.count) = (side, request, schedule, count)
        canceler = try ZMQCanceler()
    }

    /// How many have been sent, the one that is being sent among them: its answer may be here before that is over.
    var sent: UInt64 { number.load(ordering: .acquiring) }

    /// Sends while `body` takes the answers. When that ends nothing more is sent.
    ///
    /// - Throws: what `body` does; `failed` without a thread. What fails here is trouble of the measurement's.
    func sending<Result>(_ body: () throws -> Result) throws -> Result {
        let result = try BackgroundThread.alongside({ [self] in send() }) {
            defer {
                isStopped.store(true, ordering: .releasing)
                canceler.cancel()
            }
            return try body()
        }
        guard let result else { throw Failure(.failed, "there is no thread to send with") }
        return result
    }

    private var isOver: Bool { isStopped.load(ordering: .acquiring) }

    private func send() {
        do {
            try canceler.cancelling { try sendAll() }
        } catch {
            // It was not sent.
            number.subtract(1, ordering: .releasing)
            if !isOver { side.trouble.raise(error) }
        }
    }

    private func sendAll() throws {
        var request = request
        for next in 0..<count {
            guard MonotonicClock.wait(until: schedule.due(next), unless: { isOver }) else { return }
            MeasuringMessage.renumber(&request[request.count - 1], next)
            number.store(next + 1, ordering: .releasing)
            try side.send(parts: request)
        }
    }
}
