// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Glibc
import Measuring
import Shell

/// Sends numbered requests, and takes the time until each of them has come back.
struct MeasuringLatency: Sendable {
    /// What came of it.
    struct Outcome {
        let sent: UInt64
        /// Whether all were sent that were to be.
        let isComplete: Bool
        let elapsed: UInt64
        let faults: SequenceFaults
    }

    let side: MeasuringSide
    /// Of the requests that belong together: an answer to another one is not taken for one of them.
    private let run = UInt32.random(in: .min ... .max)
    private let request: [[UInt8]]
    private let filler: [UInt8]

    init(_ side: MeasuringSide) {
        self.side = side
        filler = side.filler()
        let last = MeasuringMessage(.echo, run: run).written + filler.dropFirst(MeasuringMessage.size)
        request = [[]] + Array(repeating: filler, count: side.load.parts - 1) + [last]
    }

    /// Each request when the one before is answered.
    ///
    /// - Parameter answered: is told how long each took.
    func measure(_ extent: Extent, answered: (UInt64) -> Void) throws -> Outcome {
        var (request, check, strays): (_, _, UInt64) = (request, SequenceCheck(), 0)
        var sent: UInt64 = 0
        let begin = MonotonicClock.now
        while extent.goesOn(done: sent, elapsed: MonotonicClock.since(begin)) {
            MeasuringMessage.renumber(&request[request.count - 1], sent)
            let start = MonotonicClock.now
            try side.send(parts: request)
            sent += 1
            let deadline = side.opened.patience.deadline()
            while true {
                let number = try nextNumber(until: deadline, below: sent)
                let time = MonotonicClock.since(start)
                guard let number else {
                    strays += 1
                    continue
                }
                let outcome = check.take(number)
                guard number == sent - 1, outcome == .inOrder else { continue }
                answered(time)
                break
            }
        }
        let elapsed = MonotonicClock.since(begin)
        return Outcome(sent: sent, isComplete: true, elapsed: elapsed, faults: faults(check, sent, strays))
    }

    /// Each request when it is due, whether or not those before it are answered. The time is taken from then. It ends
    /// early if those that are due have not been answered for as long as anything is waited for.
    ///
    /// - Parameter answered: is told how long each took.
    func measure(_ extent: Extent, perSecond: Double, answered: (UInt64) -> Void) throws -> Outcome {
        let count =
            switch extent {
            case .count(let count): count
            case .time(let time): Schedule.count(within: time, perSecond: perSecond)
            }
        let begin = MonotonicClock.now
        let schedule = Schedule(start: begin, perSecond: perSecond)
        let sender = try ScheduledSender(side, request, schedule, count: count)
        let received = try sender.sending { try receive(count, schedule, sender, answered) }
        let elapsed = MonotonicClock.since(begin)
        let sent = sender.sent
        return Outcome(
            sent: sent,
            isComplete: sent == count,
            elapsed: elapsed,
            faults: faults(received.check, sent, received.strays)
        )
    }

    /// Takes the answers to what is being sent, until all have come, or none comes any more.
    ///
    /// - Throws: `timedOut` if not a single one has come.
    private func receive(
        _ count: UInt64,
        _ schedule: Schedule,
        _ sender: ScheduledSender,
        _ answered: (UInt64) -> Void
    ) throws -> (check: SequenceCheck, strays: UInt64) {
        var (check, strays): (_, UInt64) = (SequenceCheck(), 0)
        var deadline = side.opened.patience.deadline(from: schedule.due(0))
        while check.received < count {
            let number: UInt64?
            do {
                number = try nextNumber(until: deadline, below: sender.sent)
            } catch let failure as Failure where failure.status == .timedOut {
                let now = MonotonicClock.now
                guard check.next == count || sender.sent > check.next else {
                    // The other side is not to blame for what is late on this one.
                    deadline.moveOn(from: max(now, schedule.due(check.next)))
                    continue
                }
                guard check.received > 0 else { throw failure }
                // The others are here; these are not late.
                break
            }
            let now = MonotonicClock.now
            guard let number else {
                strays += 1
                continue
            }
            guard check.take(number) != .doubled else { continue }
            // The one that comes next may not be due yet.
            deadline.moveOn(from: max(now, schedule.due(min(check.next, count - 1))))
            let due = schedule.due(number)
            answered(now > due ? now - due : 0)
        }
        return (check, strays)
    }

    private func faults(_ check: SequenceCheck, _ sent: UInt64, _ strays: UInt64) -> SequenceFaults {
        var faults = check.faults(of: sent)
        faults.doubled &+= strays
        return faults
    }

    /// The number of the next answer; nil if it belongs to requests that all have been answered.
    ///
    /// - Throws: `timedOut`; `failed` for what is not as it was sent.
    private func nextNumber(until deadline: Deadline, below sent: @autoclosure () -> UInt64) throws -> UInt64? {
        let answer = try side.opened.patience.wait(until: deadline, orSay: "no answer has come") {
            (timeout) throws(ZMQSocketError) in try side.opened.socket.receive(timeout: timeout)
        }
        guard let message = MeasuringMessage(answer.bytes), message.kind == .echo, isWhole(answer) else {
            throw side.noEcho
        }
        guard message.run == run else { return nil }
        guard message.number < sent() else { throw side.noEcho }
        return message.number
    }

    private func isWhole(_ answer: ZMQMessage) -> Bool {
        answer.partCount == request.count && answer.totalSize == side.load.size * side.load.parts
            && answer.count == side.load.size && hasFiller(answer)
    }

    private func hasFiller(_ answer: ZMQMessage) -> Bool {
        let rest = filler.count - MeasuringMessage.size
        return unsafe answer.withUnsafeBytes { bytes in
            unsafe filler.withUnsafeBytes { expected in
                guard rest > 0, let left = bytes.baseAddress, let right = expected.baseAddress else {
                    return true
                }
                return unsafe memcmp(left + MeasuringMessage.size, right + MeasuringMessage.size, rest) == 0
            }
        }
    }
}
