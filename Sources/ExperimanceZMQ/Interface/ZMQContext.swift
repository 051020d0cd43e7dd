// SPDX-License-Identifier: Apache-2.0

public import Logging

/// What sockets share: libzmq's I/O thread, the thread that looks after connections, the names of inproc endpoints.
///
/// Most programs need none of their own and use ``shared``.
///
/// A context that nobody refers to any more ends when its last socket is closed.
public final class ZMQContext: Sendable {
    let core: @Sendable () throws(ZMQSocketError) -> ContextCore
    private let owned: ContextCore?
    private let logTarget: LogTarget

    /// The process-wide context: made when it is first used, and closed by `shutdown(timeout:)` alone.
    public static let shared = ZMQContext(owned: nil, logTarget: .sharedContext) { () throws(ZMQSocketError) in
        ProcessGlobals.setUp()
        return try ContextCore.processWide()
    }

    private init(
        owned: ContextCore?,
        logTarget: LogTarget,
        _ core: @escaping @Sendable () throws(ZMQSocketError) -> ContextCore
    ) {
        self.owned = owned
        self.logTarget = logTarget
        self.core = core
    }

    deinit {
        owned?.abandon()
    }

    /// A context of its own, for code that wants to close everything it opened in one call.
    ///
    /// - Parameter options: how it is set up.
    /// - Throws: `limit` out of descriptors or threads, `noMemory`, `version` for a libzmq before 4.3, `invalid` for
    ///   an option that makes no sense or a processor there is not, `permission` for a scheduling that the system does
    ///   not permit; the message names it.
    public convenience init(options: ZMQContextOptions = ZMQContextOptions()) throws(ZMQSocketError) {
        try self.init(options, nameService: NameService(options.threads))
    }

    convenience init(
        _ options: ZMQContextOptions = ZMQContextOptions(),
        nameService: NameService
    ) throws(ZMQSocketError) {
        ProcessGlobals.setUp()
        let created = try ContextCore.open(options, nameService: nameService, logTarget: LogTarget())
        self.init(owned: created, logTarget: created.logTarget) { created }
    }

    // MARK: Log

    /// Sends the log of the context's sockets to this logger from now on, but for those that have their own; nil: to
    /// that of ``ZMQLog``. May be called again at any time; see ``ZMQLog/use(_:)`` for levels and threads.
    ///
    /// - Parameters:
    ///   - logger: the logger.
    ///   - metadataProvider: is asked for each line, and adds to what the library says: `socket`, `event`, `endpoint`,
    ///     `attempt`, `code`, `errno`. It runs where the handler does, where no task's values are.
    public func log(to logger: Logger?, metadataProvider: Logger.MetadataProvider? = nil) {
        logTarget.use(logger.map { LogSetting($0, metadataProvider: metadataProvider) })
    }

    // MARK: Waits

    /// Ends every wait on the context's sockets with `canceled`, those of tasks and of threads, and from now on each
    /// that would begin: at once. Nothing is closed: what need not wait is done as before, links are looked after, and
    /// a close has its linger. So whoever has a socket learns that it is time to close it.
    ///
    /// Its proxies end, too, with `canceled` as their reason. It can not be undone.
    ///
    /// - Throws: `invalid` for ``shared``, whose waits are everybody's; `closed`; `forked`.
    public func endWaits() throws(ZMQSocketError) {
        guard owned != nil else {
            throw ZMQSocketError(.invalid, message: "the waits in the process-wide context are everybody's")
        }
        try core().endWaits()
    }

    // MARK: Closing

    /// Blocks its thread until every context is closed, ``shared`` included, and every thread of the library has ended,
    /// as if it had never been used. What is opened afterwards starts afresh, in ``shared``, too; what others open
    /// meanwhile stays open.
    ///
    /// - Parameter timeout: the bound of all of it, by default 1 s; what is queued may be sent until 0.1 s before.
    /// - Throws: `timeout` if threads are left, such as one that waits for the system's name service and can not be
    ///   stopped: they end by themselves, and calling this again waits for them; `state` on a thread of the library,
    ///   where a log handler runs; `invalid` for a time-out out of range.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public static func shutdown(timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        let limit = try timeout.forClosing()
        ProcessGlobals.setUp()
        try ContextCore.shutdown(timeout: limit)
    }

    /// Closes every context, ``shared`` included, and ends every thread of the library, as if it had never been used.
    /// What is opened afterwards starts afresh, in ``shared``, too; what others open meanwhile stays open.
    ///
    /// It takes its time also in a task that is cancelled.
    ///
    /// - Parameter timeout: the bound of all of it, by default 1 s; what is queued may be sent until 0.1 s before.
    /// - Throws: `timeout` if threads are left, such as one that waits for the system's name service and can not be
    ///   stopped: they end by themselves, and calling this again waits for them; `state` on a thread of the library,
    ///   where a log handler runs; `limit` without a thread to wait on; `invalid` for a time-out out of range.
    public nonisolated(nonsending) static func shutdown(timeout: ZMQTimeout = .default) async throws(ZMQSocketError) {
        let limit = try timeout.forClosing()
        guard !OwnThread.isCurrent else { throw ZMQSocketError(.state) }
        try await Blocking.perform { () throws(ZMQSocketError) in
            ProcessGlobals.setUp()
            try ContextCore.shutdown(timeout: limit)
        }
    }

    /// Blocks its thread until every socket, the context and its threads are closed, at most `linger` + 100 ms. Again,
    /// it is not an error.
    ///
    /// - Parameter linger: how long queued messages may still be sent, by default 1 s.
    /// - Throws: `invalid` for ``shared``, which can not be closed, and for a linger out of range.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func close(linger: ZMQTimeout = .default) throws(ZMQSocketError) {
        try ownCore().close(linger: linger.forClosing())
    }

    /// Closes every socket, the context and its threads, within `linger` + 100 ms. Again, it is not an error.
    ///
    /// It takes its time also in a task that is cancelled.
    ///
    /// - Parameter linger: how long queued messages may still be sent, by default 1 s.
    /// - Throws: `invalid` for ``shared``, which can not be closed, and for a linger out of range; `limit` without a
    ///   thread to wait on.
    public nonisolated(nonsending) func close(linger: ZMQTimeout = .default) async throws(ZMQSocketError) {
        let (core, limit) = (try ownCore(), try linger.forClosing())
        try await Blocking.perform { () throws(ZMQSocketError) in try core.close(linger: limit) }
    }

    private func ownCore() throws(ZMQSocketError) -> ContextCore {
        guard owned != nil else {
            throw ZMQSocketError(.invalid, message: "the process-wide context can not be closed")
        }
        return try core()
    }
}
