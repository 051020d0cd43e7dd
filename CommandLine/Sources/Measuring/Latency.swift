// SPDX-License-Identifier: Apache-2.0

public import Shell

/// How long requests were on their way, there and back.
public struct Latency: Measurement, Equatable, Sendable {
    private static let shares = [50, 90, 99, 99.9, 99.99]
    private static let rowLimit = 16
    private static let longestBar = 50

    /// What was sent.
    public var load: Load
    /// Requests in a second; nil: each when the answer to the one before has come.
    public var perSecond: Double?
    /// How long each took.
    public var histogram = LatencyHistogram()
    /// The time that it took, in nanoseconds.
    public var elapsed: UInt64 = 0
    /// What went wrong with the numbered messages; nil where it was ended before that was known.
    public var faults: SequenceFaults?
    /// Whether it was measured to its end.
    public var isComplete = false

    /// Nothing has been measured yet.
    public init(_ load: Load, perSecond: Double? = nil) {
        (self.load, self.perSecond) = (load, perSecond)
    }

    /// For people.
    public func lines(_ canvas: Canvas) -> [String] {
        let title = canvas.colours.paint("latency", .bold) + "  there and back"
        let at = perSecond.map { ", \(Figures.rate($0)) due each second" } ?? ""
        let time = Figures.time(Double(elapsed), canvas.glyphs)
        let early = isComplete ? "" : ", stopped early"
        return [
            title,
            "  \(Figures.count(histogram.count, "answer")) of \(load.text) in \(time)\(at)\(early)",
            SequenceFaults.line(of: faults, canvas),
        ] + percentileLines(canvas) + histogramLines(canvas)
    }

    private func percentileLines(_ canvas: Canvas) -> [String] {
        guard let shortest = histogram.shortest, let mean = histogram.mean, let longest = histogram.longest else {
            return []
        }
        let named: [(String, Double)] =
            [("shortest", Double(shortest)), ("mean", mean)]
            + shares.compactMap { share in histogram.percentile(share).map { ("\(Self.name(share)) %", Double($0)) } }
            + [("longest", Double(longest))]
        let times = named.map { Figures.time($0.1, canvas.glyphs) }
        return [""]
            + zip(named, times).map { "  \($0.0.0.padded(to: 8, at: .right))  \($0.1.padded(to: 8, at: .right))" }
    }

    /// Those that say something: of ten answers nobody knows the slowest of a thousand.
    private var shares: [Double] {
        Self.shares.filter { Double(histogram.count) * (100 - $0) >= 99.999 }
    }

    private func histogramLines(_ canvas: Canvas) -> [String] {
        let rows = histogram.rows(limit: Self.rowLimit)
        guard let highest = rows.map(\.count).max(), highest > 0 else { return [] }
        let labels = rows.map { Figures.time(Double($0.from), canvas.glyphs).padded(to: 8, at: .right) }
        let numbers = rows.map { Figures.share($0.count, of: histogram.count) }
        let room = canvas.width - 2 - 8 - 1 - 1 - 2 - (numbers.map(\.count).max() ?? 0)
        return [""]
            + rows.indices.map { index in
                let share = Double(rows[index].count) / Double(highest)
                let bar = canvas.glyphs.bar(share, width: min(Self.longestBar, room))
                let painted = bar.isEmpty ? "" : canvas.colours.paint(bar, .green)
                let count = rows[index].count > 0 ? (bar.isEmpty ? "" : " ") + numbers[index] : ""
                return "  \(labels[index]) \(canvas.glyphs.edge)\(painted)\(count)"
            }
    }

    private static func name(_ share: Double) -> String {
        share == share.rounded() ? "\(Int(share))" : "\(share)"
    }

    /// For programs.
    public var json: JSONText {
        var times: [(name: String, value: JSONText)] = [
            (name: "shortest", value: .count(histogram.shortest)), (name: "mean", value: .number(histogram.mean)),
            (name: "longest", value: .count(histogram.longest)),
        ]
        for share in Self.shares { times.append((name: Self.name(share), value: .count(histogram.percentile(share)))) }
        let buckets = histogram.buckets.map { JSONText.array([.count($0.first), .count($0.last), .count($0.count)]) }
        return .object(
            [(name: "measured", value: .text("latency"))] + load.members + [
                (name: "per_second", value: .number(perSecond)), (name: "complete", value: .bool(isComplete)),
                (name: "messages", value: .count(histogram.count)),
                (name: "seconds", value: .number(Double(elapsed) / 1e9)),
            ] + SequenceFaults.members(of: faults) + [
                (name: "nanoseconds", value: .object(times)), (name: "histogram", value: .array(buckets)),
            ]
        )
    }
}
