// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What the stage has said: go on; send nothing but ends; send nothing any more; receive what is still there, and
/// close.
enum Phase: Int, Sendable {
    case run
    case finish
    case hush
    case stop
}

/// The last that was said. Told by a thread, waited for by tasks.
final class Phases: Sendable {
    private struct State {
        var phase = Phase.run
        var waiting: [Int: Task<Void, Never>] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    var now: Phase { state.withLock { $0.phase } }

    func tell(_ phase: Phase) {
        state.withLock { state in
            state.phase = phase
            for task in state.waiting.values { task.cancel() }
        }
    }

    /// Waits until it is so late, or something new was said; what has been said.
    func wait(until deadline: ContinuousClock.Instant, known: Phase) async -> Phase {
        let pause = Task { _ = try? await Task.sleep(until: deadline, clock: .continuous) }
        let number = state.withLock { state in
            state.count += 1
            state.waiting[state.count] = pause
            if state.phase != known { pause.cancel() }
            return state.count
        }
        await pause.value
        return state.withLock { state in
            state.waiting[number] = nil
            return state.phase
        }
    }

    func waitForStop() async {
        var phase = now
        while phase != .stop { phase = await wait(until: .now + .seconds(60), known: phase) }
    }
}
