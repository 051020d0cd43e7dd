// SPDX-License-Identifier: Apache-2.0

import Measuring
import Shell

/// What is measured at one endpoint, one after the other.
struct BenchRun {
    private let side: MeasuringSide
    private let options: BenchOptions
    private let telling: TellingOptions
    private let results: Results
    /// What went wrong with messages, a sentence each.
    private var faults: [String] = []

    init(_ side: MeasuringSide, _ options: BenchOptions, _ telling: TellingOptions, _ results: Results) {
        (self.side, self.options, self.telling, self.results) = (side, options, telling, results)
    }

    /// - Returns: what went wrong with messages, a sentence each.
    mutating func measure() throws -> [String] {
        var kinds = options.only.map { [$0] } ?? BenchOptions.Kind.allCases
        let peer = try side.greet()
        if peer == .echo, kinds.contains(.throughput) {
            let advice = "it sends back what comes: throughput needs exz bench --bind there"
            guard options.only == nil else { throw Failure(.failed, "\(side.load.endpoint): \(advice)") }
            telling.tell("\(side.load.endpoint): \(advice), so that only the latency is measured")
            kinds.removeAll { $0 == .throughput }
        }
        for kind in kinds {
            switch kind {
            case .throughput: try measureThroughput()
            case .latency: try measureLatency()
            }
        }
        if peer == .bench { try side.send(MeasuringMessage(.bye, run: side.run)) }
        return faults
    }

    private mutating func measureThroughput() throws {
        let measuring = MeasuringThroughput(side)
        if let extent = options.warmupExtent {
            let warmup = try measuring.measure(extent) { _ in }
            note(warmup.faults, of: warmup.sent, "message", " of the warm-up")
        }
        results.begin(Throughput(side.load), ProgressBar("throughput", options.extent, telling))
        let outcome = try measuring.measure(options.extent) { results.arrived($0) }
        try results.complete(elapsed: outcome.elapsed, messages: outcome.received, outcome.faults)
        note(outcome.faults, of: outcome.sent, "message")
    }

    private mutating func measureLatency() throws {
        if let extent = options.warmupExtent {
            let warmup = try measureLatency(extent) { _ in }
            note(warmup.faults, of: warmup.sent, "answer", " of the warm-up")
        }
        results.begin(Latency(side.load, perSecond: options.rate), ProgressBar("latency", options.extent, telling))
        let outcome = try measureLatency(options.extent) { results.answered(after: $0) }
        try results.complete(outcome.isComplete, elapsed: outcome.elapsed, outcome.faults)
        note(outcome.faults, of: outcome.sent, "answer")
    }

    private func measureLatency(_ extent: Extent, _ answered: (UInt64) -> Void) throws -> MeasuringLatency.Outcome {
        let measuring = MeasuringLatency(side)
        guard let rate = options.rate else { return try measuring.measure(extent, answered: answered) }
        return try measuring.measure(extent, perSecond: rate, answered: answered)
    }

    private mutating func note(_ faults: SequenceFaults, of count: UInt64, _ name: String, _ when: String = "") {
        if !faults.isNone { self.faults.append("of \(Figures.count(count, name))\(when) \(faults.text)") }
    }
}
