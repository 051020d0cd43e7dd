// SPDX-License-Identifier: Apache-2.0

public import Shell

/// How many messages arrived in what time.
public struct Throughput: Measurement, Equatable, Sendable {
    /// What was sent.
    public var load: Load
    /// Messages of which the other side has said that they have come.
    public var messages: UInt64 = 0
    /// From the first send until that was said of the last, in nanoseconds.
    public var elapsed: UInt64 = 0
    /// What went wrong with the numbered messages; nil where it was ended before that was known.
    public var faults: SequenceFaults?
    /// Whether it was measured to its end.
    public var isComplete = false

    /// Nothing has been measured yet.
    public init(_ load: Load) {
        self.load = load
    }

    /// In a second; nil if nothing was measured.
    var rate: Double? { messages > 0 && elapsed > 0 ? Double(messages) / Double(elapsed) * 1e9 : nil }

    /// For people.
    public func lines(_ canvas: Canvas) -> [String] {
        let rate = rate.map { "\(Figures.rate($0)) messages/s, \(Figures.bytes($0 * load.total))/s" }
        let time = Figures.time(Double(elapsed), canvas.glyphs)
        return [
            canvas.colours.paint("throughput", .bold) + "  " + (rate ?? "nothing has arrived"),
            "  \(Figures.count(messages, "message")) of \(load.text) in \(time)\(isComplete ? "" : ", stopped early")",
            SequenceFaults.line(of: faults, canvas),
        ]
    }

    /// For programs.
    public var json: JSONText {
        .object(
            [(name: "measured", value: .text("throughput"))] + load.members + [
                (name: "complete", value: .bool(isComplete)), (name: "messages", value: .count(messages)),
                (name: "seconds", value: .number(Double(elapsed) / 1e9)),
                (name: "messages_per_second", value: .number(rate)),
                (name: "bytes_per_second", value: .number(rate.map { $0 * load.total })),
            ] + SequenceFaults.members(of: faults)
        )
    }
}
