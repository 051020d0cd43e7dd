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
            while true {
                let number = try nextNumber(below: sent)
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
        return Outcome(sent: sent, elapsed: MonotonicClock.since(begin), faults: faults(check, sent, strays))
    }

    /// Each request when it is due, whether or not those before it are answered. The time is taken from then.
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
        let isThere = BackgroundThread.start { [self] in
            do {
                try side.trouble.ending { try sendAll(count, schedule) }
            } catch {
                side.trouble.raise(error)
            }
        }
        guard isThere else { throw Failure(.failed, "there is no thread to send with") }
        var (check, strays): (_, UInt64) = (SequenceCheck(), 0)
        while check.received < count {
            let number: UInt64?
            do {
                number = try nextNumber(below: count)
            } catch let failure as Failure where failure.status == .timedOut && check.received > 0 {
                // The others are here; these are not late.
                break
            }
            let now = MonotonicClock.now
            if let number, check.take(number) != .doubled {
                let due = schedule.due(number)
                answered(now > due ? now - due : 0)
            } else if number == nil {
                strays += 1
            }
        }
        return Outcome(sent: count, elapsed: MonotonicClock.since(begin), faults: faults(check, count, strays))
    }

    private func sendAll(_ count: UInt64, _ schedule: Schedule) throws {
        var request = request
        for number in 0..<count {
            MonotonicClock.wait(until: schedule.due(number))
            MeasuringMessage.renumber(&request[request.count - 1], number)
            try side.send(parts: request)
        }
    }

    private func faults(_ check: SequenceCheck, _ sent: UInt64, _ strays: UInt64) -> SequenceFaults {
        var faults = check.faults(of: sent)
        faults.doubled &+= strays
        return faults
    }

    /// The number of the next answer; nil if it belongs to requests that all have been answered.
    ///
    /// - Throws: `timedOut`; `failed` for what is not as it was sent.
    private func nextNumber(below sent: UInt64) throws -> UInt64? {
        let answer = try side.opened.patience.wait(orSay: "no answer has come") { (timeout) throws(ZMQSocketError) in
            try side.opened.socket.receive(timeout: timeout)
        }
        guard let message = MeasuringMessage(answer.bytes), message.kind == .echo, isWhole(answer) else {
            throw side.noEcho
        }
        guard message.run == run else { return nil }
        guard message.number < sent else { throw side.noEcho }
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
