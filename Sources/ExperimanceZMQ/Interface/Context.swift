// SPDX-License-Identifier: Apache-2.0

/// What sockets share: libzmq's I/O thread, the thread that looks after connections, the names of inproc endpoints.
///
/// Most programs need none of their own and use ``shared``.
///
/// A context that nobody refers to any more ends when its last socket is closed.
public final class Context: Sendable {
    let core: @Sendable () throws(ZMQSocketError) -> ContextCore
    private let owned: ContextCore?

    /// The process-wide context: made when it is first used, and closed by ``shutdown(timeout:)`` alone.
    public static let shared = Context(owned: nil) { () throws(ZMQSocketError) in
        ProcessGlobals.setUp()
        return try ContextCore.processWide()
    }

    private init(owned: ContextCore?, _ core: @escaping @Sendable () throws(ZMQSocketError) -> ContextCore) {
        self.owned = owned
        self.core = core
    }

    deinit {
        owned?.abandon()
    }

    /// A context of its own, for code that wants to close everything it opened in one call.
    ///
    /// - Throws: `limit` out of descriptors, `noMemory`, `version` for a libzmq before 4.3.
    public convenience init() throws(ZMQSocketError) {
        try self.init(nameService: NameService())
    }

    convenience init(nameService: NameService) throws(ZMQSocketError) {
        ProcessGlobals.setUp()
        let created = try ContextCore(nameService: nameService)
        self.init(owned: created) { created }
    }

    /// Closes every context, ``shared`` included, and ends every thread of the library, as if it had never been used.
    /// What is opened afterwards starts afresh, in ``shared``, too; what others open meanwhile stays open.
    ///
    /// - Parameter timeout: the bound of all of it; what is queued may be sent until 0.1 s before.
    /// - Throws: `timeout` if threads are left, such as one that waits for the system's name service and can not be
    ///   stopped: they end by themselves, and calling this again waits for them; `state` on a thread of the library,
    ///   where a log handler runs; `invalid` for a time-out out of range.
    public static func shutdown(timeout: Duration = .seconds(1)) throws(ZMQSocketError) {
        ProcessGlobals.setUp()
        try ContextCore.shutdown(timeout: timeout.timeoutMilliseconds())
    }

    /// Closes every socket, the context and its threads; waits at most `linger` + 100 ms. Again, it is not an error.
    ///
    /// - Parameter linger: how long queued messages may still be sent.
    /// - Throws: `invalid` for ``shared``, which can not be closed, and for a linger out of range.
    public func close(linger: Duration = .seconds(1)) throws(ZMQSocketError) {
        guard owned != nil else {
            throw ZMQSocketError(.invalid, message: "the process-wide context can not be closed")
        }
        try core().close(linger: linger.timeoutMilliseconds())
    }
}
