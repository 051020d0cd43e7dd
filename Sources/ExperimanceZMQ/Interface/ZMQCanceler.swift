// SPDX-License-Identifier: Apache-2.0

/// Ends the waits of the threads it is lent to, and no other's.
///
/// A task does not need it: cancelling the task ends its waits. It stays cancelled until it is reset, so a cancellation
/// that comes just before a wait is not lost. ``cancel()`` may be called from any thread and task.
public final class ZMQCanceler: Sendable {
    private let id: UInt64

    /// - Throws: `limit`.
    public init() throws(ZMQSocketError) {
        ProcessGlobals.setUp()
        id = try Canceler.open()
    }

    deinit {
        try? Canceler.close(id)
    }

    /// Runs `body` so that every wait in it, on any socket, ends with `canceled` once ``cancel()`` is called.
    ///
    /// - Throws: what `body` throws.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func cancelling<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let former = Canceler.exchange(id)
        defer { Canceler.restore(former) }
        return try body()
    }

    /// Ends the waits that are going on, and those to come.
    public func cancel() { _ = Canceler.cancel(id) }

    /// Lets waits be waits again.
    public func reset() { try? Canceler.reset(id) }
}
