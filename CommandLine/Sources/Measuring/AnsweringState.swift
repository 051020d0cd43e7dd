// SPDX-License-Identifier: Apache-2.0

/// What the answering side knows of those who measure: a value that decides what is answered.
public struct AnsweringState: Sendable {
    /// What is to be done with a message.
    public enum Answer: Equatable, Sendable {
        /// Nothing.
        case nothing
        /// It goes back as it is.
        case back
        /// This is sent.
        case message(MeasuringMessage)
        /// The measuring side has done.
        case bye
    }

    private struct Run {
        /// The name by which the measuring side is known, if it has chosen one.
        let address: [UInt8]?
        var check = SequenceCheck()
        /// After how many messages that is to be said.
        var step: UInt64 = 1
        var sinceLast: UInt64 = 0
        /// The higher the later it came.
        let age: UInt64

        /// Takes a message; how many have come, if that is to be said.
        mutating func take(_ number: UInt64) -> UInt64? {
            check.take(number)
            sinceLast += 1
            guard sinceLast >= step else { return nil }
            sinceLast = 0
            return check.received
        }
    }

    /// More at a time are strangers who say hello for no reason.
    private static let runLimit = 64

    private var runs: [UInt32: Run] = [:]
    private var count: UInt64 = 0

    /// Nobody is there.
    public init() {}

    /// Forgets one who has gone without a word.
    ///
    /// - Parameter address: the name it has chosen; nil: all who have none.
    /// - Returns: whether it was in the middle of it.
    public mutating func forget(at address: [UInt8]?) -> Bool {
        let left = runs.filter { $0.value.address != address }
        defer { runs = left }
        return left.count < runs.count
    }

    /// Takes a message that has come.
    ///
    /// - Parameter address: the name its sender has chosen, if it has one; asked for only once in a run.
    public mutating func take(_ message: MeasuringMessage, from address: @autoclosure () -> [UInt8]?) -> Answer {
        let run = message.run
        switch message.kind {
        case .echo: return .back
        case .item: return takeItem(message)
        case .hello:
            start(run, at: address())
            return .message(MeasuringMessage(.welcome, run: run, number: MeasuringMessage.version))
        case .begin:
            guard let old = runs[run] else { return .nothing }
            runs[run] = Run(address: old.address, step: max(1, message.number), age: old.age)
            return .nothing
        case .end:
            guard let check = runs[run]?.check else { return .nothing }
            let faults = check.faults(of: message.number)
            return .message(
                MeasuringMessage(
                    .report,
                    run: run,
                    number: check.received,
                    fields: [faults.lost, faults.doubled, faults.reordered]
                )
            )
        case .bye: return runs.removeValue(forKey: run) == nil ? .nothing : .bye
        case .welcome, .progress, .report: return .nothing
        }
    }

    private mutating func takeItem(_ message: MeasuringMessage) -> Answer {
        guard let received = runs[message.run]?.take(message.number) else { return .nothing }
        return .message(MeasuringMessage(.progress, run: message.run, number: received))
    }

    private mutating func start(_ run: UInt32, at address: [UInt8]?) {
        if runs[run] == nil, runs.count >= Self.runLimit, let oldest = runs.min(by: { $0.value.age < $1.value.age }) {
            runs[oldest.key] = nil
        }
        count += 1
        runs[run] = Run(address: address, age: count)
    }
}
