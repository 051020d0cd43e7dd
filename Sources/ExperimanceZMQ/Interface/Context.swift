// SPDX-License-Identifier: Apache-2.0

/// What sockets share: libzmq's I/O thread, the thread that looks after connections, the names of inproc endpoints.
///
/// Most programs need none of their own and use ``shared``.
///
/// A context that nobody refers to any more ends when its last socket is closed.
public final class Context: Sendable {
    let core: @Sendable () throws(ZMQSocketError) -> ContextCore
    private let owned: ContextCore?

    /// The process-wide context: made when it is first used, never closed.
    public static let shared = Context(owned: nil) { () throws(ZMQSocketError) in try ContextCore.processWide() }

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
        let created = try ContextCore(nameService: nameService)
        self.init(owned: created) { created }
    }

    /// Closes every socket and the context; waits at most `linger` + 100 ms. Closing again is not an error.
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
