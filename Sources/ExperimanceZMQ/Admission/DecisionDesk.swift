// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// Asks the program about peers: on threads of its own, a few at a time, and with no lock held. Whoever has to wait
/// longer than the answer would count is not asked about any more.
final class DecisionDesk: Sendable {
    private struct Question: Sendable {
        let request: AuthRequest
        let until: Deadline
        let answer: @Sendable (Decision) -> Void
    }

    private struct State {
        var waiting: Deque<Question> = []
        var threads = 0
        var tasks = 0
        var isClosed = false
    }

    /// Calls of the program's that may run at once. More of a function's would be of no use to one that takes long.
    private static let mostThreads = 4
    /// Questions that wait, or whose tasks run.
    static let mostWaiting = 256

    private let decider: Decider
    private let settings: ThreadSettings
    /// Its threads are the context's: whoever waits for the end of those waits for these.
    private let supervisor: Supervisor
    private let state = Guarded(State())
    private let gate = CallGate()

    init(_ decider: Decider, _ supervisor: Supervisor, _ settings: ThreadSettings) {
        self.decider = decider
        self.supervisor = supervisor
        self.settings = settings
    }

    /// Has the program asked.
    ///
    /// - Parameter answer: called with its answer, on another thread; never where the program is not asked in time.
    /// - Returns: false if too many wait already, or no thread can be had.
    func ask(_ request: AuthRequest, until: Deadline, answer: @escaping @Sendable (Decision) -> Void) -> Bool {
        let question = Question(request: request, until: until, answer: answer)
        switch decider {
        case .function: return wait(with: question)
        case .task(let decide): return begin(question, decide)
        }
    }

    private func wait(with question: Question) -> Bool {
        let (isTaken, needsThread) = state.withLock { state in
            let now = MonotonicInstant.now()
            while let first = state.waiting.first, first.until.hasPassed(at: now) { state.waiting.removeFirst() }
            guard !state.isClosed, state.waiting.count < Self.mostWaiting else { return (false, false) }
            state.waiting.append(question)
            guard state.threads < Self.mostThreads else { return (true, false) }
            state.threads += 1
            return (true, true)
        }
        return needsThread ? startThread() : isTaken
    }

    /// One that is counted already.
    ///
    /// - Returns: false if there is none at all.
    private func startThread() -> Bool {
        do throws(ZMQSocketError) {
            try OwnThread.start(named: "decider", of: supervisor, settings) { [self] in
                work()
            } lost: { [self] in
                // The program has ended the thread in its decision: the peer is refused when the time is over.
                _ = startThread()
                gate.leave()
            }
            return true
        } catch {
            return state.withLock { state in
                state.threads -= 1
                // Others may get to it.
                if state.threads == 0 { state.waiting.removeAll() }
                return state.threads > 0
            }
        }
    }

    /// Until nobody waits.
    private func work() {
        while let question = next() {
            guard case .function(let decide) = decider, !question.until.hasPassed(at: .now()) else { continue }
            // What the program does may take long, and a fork need not wait for it.
            ForkGate.leave()
            gate.pass { question.answer(decide(question.request)) }
            ForkGate.enter()
        }
    }

    private func next() -> Question? {
        state.withLock { state in
            guard !state.isClosed, let question = state.waiting.popFirst() else {
                state.threads -= 1
                return nil
            }
            return question
        }
    }

    private func begin(_ question: Question, _ decide: @escaping @Sendable (AuthRequest) async -> Decision) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.tasks < Self.mostWaiting else { return false }
            state.tasks += 1
            return true
        }
        guard isTaken else { return false }
        let task = Task { [self] in
            question.answer(await decide(question.request))
            state.withLock { $0.tasks -= 1 }
        }
        // Later it would count for nothing, and keep others from being asked about.
        _ = supervisor.schedule(at: question.until.instant) { task.cancel() }
        return true
    }

    // MARK: Its end

    /// The program is not asked any more.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.waiting.removeAll()
        }
    }

    /// Waits until no call of the program's runs; false if the deadline comes first.
    func awaitEnd(until deadline: Deadline) -> Bool { gate.close(until: deadline) }
}
