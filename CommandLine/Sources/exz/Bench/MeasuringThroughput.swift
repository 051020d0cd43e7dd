// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Measuring
import Shell

/// Sends numbered messages as fast as they are taken, and is told by the other side how many have come.
struct MeasuringThroughput {
    /// What may be on its way, in bytes: neither side needs more memory, and the end is not far away.
    private static let window = 64.0 * 1_048_576

    let side: MeasuringSide
    /// What may be on its way, in messages.
    private let window: UInt64
    /// After how many the other side says so.
    private let step: UInt64

    init(_ side: MeasuringSide) {
        self.side = side
        window = UInt64(min(max(Self.window / side.load.total, 4), 1_048_576))
        step = min(window / 4, 4_096)
    }

    /// What came of it.
    struct Outcome {
        let sent: UInt64
        let received: UInt64
        let elapsed: UInt64
        let faults: SequenceFaults
    }

    /// - Parameter arrived: is told how many have come, from time to time.
    func measure(_ extent: Extent, arrived: (UInt64) -> Void) throws -> Outcome {
        try side.send(MeasuringMessage(.begin, run: side.run, number: step))
        var sender = Sender(side)
        var (sent, known): (UInt64, UInt64) = (0, 0)
        let start = MonotonicClock.now
        /// Whether more have come than was known: nothing else is a reason to go on waiting.
        func take(_ message: MeasuringMessage?) -> Bool {
            guard let message, message.kind == .progress, case let number = min(message.number, sent), number > known
            else { return false }
            known = number
            arrived(known)
            return true
        }
        while extent.goesOn(done: sent, elapsed: MonotonicClock.since(start)) {
            if sent - known >= window {
                let deadline = side.opened.patience.deadline()
                while !take(try side.next(until: deadline)) {}
                continue
            }
            if sent.isMultiple(of: step) { while take(try side.nextThatIsThere()) {} }
            try sender.send(sent)
            sent += 1
        }
        try side.send(MeasuringMessage(.end, run: side.run, number: sent))
        var deadline = side.opened.patience.deadline()
        while true {
            let message = try side.next(until: deadline)
            guard let message, message.kind == .report, message.fields.count == 3 else {
                if take(message) { deadline.moveOn(from: MonotonicClock.now) }
                continue
            }
            let elapsed = MonotonicClock.since(start)
            let received = min(message.number, sent)
            // Whatever the other side says of it.
            let faults = SequenceFaults(
                lost: max(message.fields[0], sent - received),
                doubled: message.fields[1],
                reordered: message.fields[2]
            )
            return Outcome(sent: sent, received: received, elapsed: elapsed, faults: faults)
        }
    }

    /// One message, again and again, with another number each time.
    private struct Sender {
        let side: MeasuringSide
        var parts: [[UInt8]]
        var last: [UInt8]

        init(_ side: MeasuringSide) {
            self.side = side
            let filler = side.filler()
            parts = Array(repeating: filler, count: side.load.parts)
            last = MeasuringMessage(.item, run: side.run).written + filler.dropFirst(MeasuringMessage.size)
        }

        mutating func send(_ number: UInt64) throws {
            MeasuringMessage.renumber(&last, number)
            guard parts.count > 1 else {
                return try side.opened.patience.wait(orSay: "there was no room for a message") {
                    (timeout) throws(ZMQSocketError) in try side.opened.socket.send(last, timeout: timeout)
                }
            }
            parts[parts.count - 1] = last
            try side.send(parts: parts)
        }
    }
}
