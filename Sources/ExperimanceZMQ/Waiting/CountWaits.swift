// SPDX-License-Identifier: Apache-2.0

/// A wait until something has been counted often enough. What it knows is touched with the lock of who counts only.
package final class CountWait<Goal: Sendable>: @unchecked Sendable {
    // Unchecked: see above.
    fileprivate let goal: Goal
    fileprivate let atLeast: UInt64
    fileprivate let completion = Completion()
    fileprivate var isOver = false
    /// Why it will never come to that.
    fileprivate var failure: ZMQSocketError?

    package init(for goal: Goal, atLeast: UInt64) {
        self.goal = goal
        self.atLeast = atLeast
    }

    /// Blocks until it is over. Handlers of signals run meanwhile where an interpreter has them.
    ///
    /// - Returns: why it is not over.
    package func sleep(until deadline: Deadline) -> ZMQSocketError.Code? {
        if completion.wait(until: deadline, goesOn: SignalHook.ifInstalled) { return nil }
        return deadline.hasPassed(at: .now()) ? .timeout : .interrupted
    }

    /// The same for the current task.
    package nonisolated(nonsending) func sleepInTask(until deadline: Deadline) async -> ZMQSocketError.Code? {
        if await completion.waitInTask(until: deadline) { return nil }
        return Task.isCancelled ? .canceled : .timeout
    }
}

/// Those who wait for what is counted. Whoever counts keeps them, behind the lock that it counts with.
package struct CountWaits<Goal: Sendable> {
    private var waits: [CountWait<Goal>] = []
    /// Of those that are over and are to be told.
    private var over: [Completion] = []

    package init() {}

    package var isEmpty: Bool { waits.isEmpty }

    /// Somebody is to be told that it is over.
    package var hasOver: Bool { !over.isEmpty }

    package mutating func begin(_ wait: CountWait<Goal>) { waits.append(wait) }

    /// Something has been counted.
    ///
    /// - Parameter count: how often by now; throws why it will never come to that.
    package mutating func check(_ count: (Goal) throws(ZMQSocketError) -> UInt64) {
        for wait in waits {
            do throws(ZMQSocketError) {
                if try count(wait.goal) >= wait.atLeast { end(wait) }
            } catch {
                end(wait, error)
            }
        }
    }

    /// Nothing will be counted any more.
    package mutating func fail(_ failure: ZMQSocketError) {
        for wait in waits { end(wait, failure) }
    }

    private mutating func end(_ wait: CountWait<Goal>, _ failure: ZMQSocketError? = nil) {
        (wait.isOver, wait.failure) = (true, failure)
        waits.removeAll { $0 === wait }
        over.append(wait.completion)
    }

    /// Whom to tell that it is over: without the lock.
    package mutating func takeOver() -> [Completion] {
        defer { over = [] }
        return over
    }

    /// Who has waited goes.
    ///
    /// - Parameter code: why it was not over then.
    /// - Returns: how the wait failed; nil if it has come to what was waited for.
    package mutating func finish(_ wait: CountWait<Goal>, _ code: ZMQSocketError.Code?) -> ZMQSocketError? {
        if wait.isOver { return wait.failure }
        waits.removeAll { $0 === wait }
        return code.map { ZMQSocketError($0) }
    }
}
