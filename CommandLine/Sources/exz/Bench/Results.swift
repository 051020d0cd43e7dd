// SPDX-License-Identifier: Apache-2.0

import Measuring
import Shell
import Synchronization

/// What has been measured up to now, and how it is written: when it is complete, or when a signal ends the process.
final class Results: Sendable {
    private struct State {
        var throughput: Throughput?
        var latency: Latency?
        var start: UInt64 = 0
        var bar: ProgressBar?
    }

    private let state = Mutex(State())
    private let output: Output
    private let asJSON: Bool

    /// - Throws: `failed` where the shell has closed standard output.
    init(asJSON: Bool) throws(Failure) {
        output = try Output()
        self.asJSON = asJSON
    }

    /// From now on this is what is measured.
    func begin(_ throughput: Throughput, _ bar: ProgressBar?) {
        state.withLock { $0 = State(throughput: throughput, start: MonotonicClock.now, bar: bar) }
    }

    /// From now on this is what is measured.
    func begin(_ latency: Latency, _ bar: ProgressBar?) {
        state.withLock { $0 = State(latency: latency, start: MonotonicClock.now, bar: bar) }
    }

    /// So many messages have arrived.
    func arrived(_ count: UInt64) {
        state.withLock {
            $0.throughput?.messages = count
            $0.bar?.update(count)
        }
    }

    /// A request has been answered after so many nanoseconds.
    func answered(after time: UInt64) {
        state.withLock {
            $0.latency?.histogram.record(time)
            if let count = $0.latency?.histogram.count { $0.bar?.update(count) }
        }
    }

    /// Writes what was measured, with what went wrong.
    ///
    /// - Parameter isComplete: whether it was measured to its end.
    /// - Throws: `failed` without room.
    func complete(
        _ isComplete: Bool = true,
        elapsed: UInt64,
        messages: UInt64? = nil,
        _ faults: SequenceFaults
    ) throws(Failure) {
        let state = take()
        if var throughput = state.throughput {
            (throughput.isComplete, throughput.elapsed, throughput.faults) = (isComplete, elapsed, faults)
            if let messages { throughput.messages = messages }
            for line in lines(throughput) { try output.write(line: line) }
        }
        if var latency = state.latency {
            (latency.isComplete, latency.elapsed, latency.faults) = (isComplete, elapsed, faults)
            for line in lines(latency) { try output.write(line: line) }
        }
    }

    /// Writes what there is, as the process is being ended.
    func interrupt() {
        let state = take()
        let elapsed = MonotonicClock.since(state.start)
        if var throughput = state.throughput {
            throughput.elapsed = elapsed
            output.writeLastWords(lines(throughput))
        }
        if var latency = state.latency {
            latency.elapsed = elapsed
            output.writeLastWords(lines(latency))
        }
    }

    /// What has failed is not written; the line of its progress goes.
    func drop() { _ = take() }

    private func take() -> State {
        let taken = state.withLock { state in
            defer { state = State() }
            return state
        }
        taken.bar?.finish()
        return taken
    }

    private func lines(_ measurement: some Measurement) -> [String] {
        guard !asJSON else { return [measurement.json.written] }
        let canvas = Canvas(
            width: max(40, Terminal.outputWidth),
            glyphs: Glyphs(environment: variable),
            colours: .ofOutput
        )
        return measurement.lines(canvas)
    }
}
