// SPDX-License-Identifier: Apache-2.0

/// A call that may have to wait, once or several times, written so that a thread and a task can make it.
///
/// It decides what is to be done and what is to be waited for, and does not wait itself: that is done by
/// ``SocketCore/perform(_:)``, where a thread sleeps, and by ``SocketCore/perform(_:on:)``, where a task is parked.
protocol Operation {
    associatedtype Output

    /// Goes on as far as it can, with the socket's lock held.
    ///
    /// While there is nothing to do the answer is the same wait as before.
    ///
    /// - Parameter end: how the wait that was asked for has ended without what was waited for: `timeout`, `canceled`,
    ///   `closed`, `interrupted`, or why there could be none: `limit`, `noMemory`. Only after `timeout` may there be
    ///   another wait. Nil at the beginning, and when there may be something new.
    mutating func proceed(_ core: SocketCore, after end: ZMQSocketError.Code?) -> Step<Output>
}

/// What comes next in an operation.
enum Step<Output> {
    case done(Result<Output, ZMQSocketError>)
    case wait(for: Interest, until: Deadline, isDrained: Bool = false)

    static func failed(_ error: ZMQSocketError) -> Step { .done(.failure(error)) }
}

extension Step<Void> {
    static var done: Step { .done(.success(())) }
}

extension SocketCore {
    /// Performs an operation for the calling thread. The lock is held at entry and exit, and released while the thread
    /// sleeps.
    func perform<Performed: Operation>(_ operation: inout Performed) throws(ZMQSocketError) -> Performed.Output {
        var step = operation.proceed(self, after: nil)
        while true {
            switch step {
            case .done(let result):
                return try result.get()
            case .wait(let interest, let until, let isDrained):
                var next: Step<Performed.Output>?
                let code = wait(for: interest, until: until, isDrained: isDrained) {
                    let found = operation.proceed(self, after: nil)
                    guard !found.isWait(for: interest, until: until) else { return nil }
                    next = found
                    return .ok
                }
                step = next ?? operation.proceed(self, after: code)
            }
        }
    }

    /// The same for the current task. The lock is not held at entry and exit.
    ///
    /// - Parameter id: the socket's handle.
    nonisolated(nonsending) static func perform<Performed: Operation>(
        _ operation: inout Performed,
        on id: UInt64
    ) async throws(ZMQSocketError) -> Performed.Output {
        guard !Task.isCancelled else { throw ZMQSocketError(.canceled) }
        guard let slot = socketSlots.slot(of: id) else { throw ZMQSocketError(socketSlots.failure(of: id)) }
        guard slot.enter() else { throw .inSignalHandler }
        guard let core = slot.core(of: id) else {
            slot.unlock()
            throw ZMQSocketError(socketSlots.failure(of: id))
        }
        var step = operation.proceed(core, after: nil)
        while true {
            switch step {
            case .done(let result):
                core.unlock()
                return try result.get()
            case .wait(let interest, let until, let isDrained):
                var next: Step<Performed.Output>?
                let code = await core.park(for: interest, until: until, isDrained: isDrained) {
                    let found = operation.proceed(core, after: nil)
                    guard !found.isWait(for: interest, until: until) else { return nil }
                    next = found
                    return .ok
                }
                step = next ?? operation.proceed(core, after: code)
            }
        }
    }
}

extension Step {
    fileprivate func isWait(for interest: Interest, until: Deadline) -> Bool {
        guard case .wait(interest, until, _) = self else { return false }
        return true
    }
}
