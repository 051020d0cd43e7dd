// SPDX-License-Identifier: Apache-2.0

/// What sockets can do that send.
public protocol ZMQSendingSocket: ZMQMessagingSocket {}

extension ZMQSendingSocket {
    /// Blocks its thread until a message of one part is taken: while no peer has a finished handshake or the queues to
    /// all of them are full.
    ///
    /// - Throws: `timeout`, `tooLarge`, `notSupported` for this type, `state` when it is not the turn of a REQ or REP,
    ///   `noMemory`, `limit` out of descriptors to wait with, `canceled`, `closed`, `interrupted`, `invalid` for a
    ///   time-out out of range. The message was not taken then.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func send(_ bytes: some Sequence<UInt8>, timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        let limit = try timeout.forThread()
        try bytes.withBytes { socket.handle.send($0.baseAddress, $0.count, timeout: limit) }.check()
    }

    /// Sends one message of one part; waits while no peer has a finished handshake or the queues to all of them are
    /// full.
    ///
    /// - Throws: `timeout`, `tooLarge`, `notSupported` for this type, `state` when it is not the turn of a REQ or REP,
    ///   `noMemory`, `limit` out of descriptors to wait with, `canceled` also when the task is, `closed`, `invalid` for
    ///   a time-out out of range. The message was not taken then.
    public nonisolated(nonsending) func send(
        _ bytes: some Sequence<UInt8>,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        let limit = try timeout.forTask()
        guard !Task.isCancelled else { throw ZMQSocketError(.canceled) }
        let code = bytes.withBytes { socket.handle.send($0.baseAddress, $0.count, timeout: 0, isTry: true) }
        guard code != .ok else { return }
        let frame = bytes.withBytes { OutgoingFrame(copying: $0) }
        guard let frame else { throw ZMQSocketError(.noMemory) }
        try await socket.handle.performInTask(SendOperation(frame, timeout: limit))
    }

    /// Blocks its thread until a message of several parts is taken, which arrive together or not at all.
    ///
    /// - Throws: as `send(_:timeout:)`; `unreachable` on a ROUTER for a peer it does not have; `invalid` without
    ///   parts.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func send(parts: [[UInt8]], timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        try socket.handle.perform(
            SendOperation(OutgoingParts.copying(parts), timeout: ZMQTimeout(milliseconds: timeout.forThread()))
        )
    }

    /// Sends one message of several parts, which arrive together or not at all.
    ///
    /// - Throws: as `send(_:timeout:)`; `unreachable` on a ROUTER for a peer it does not have; `invalid` without
    ///   parts.
    public nonisolated(nonsending) func send(
        parts: [[UInt8]],
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        try await socket.handle.performInTask(
            SendOperation(OutgoingParts.copying(parts), timeout: timeout.forTask())
        )
    }

    /// Blocks its thread until all of many messages of one part each are taken, in their order, or the deadline comes.
    ///
    /// - Returns: how many were taken, from the first on; the others stay with the caller.
    /// - Throws: as `send(_:timeout:)`, when not even the first was taken.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    @inlinable
    @discardableResult
    public func send<Messages: Sequence>(
        contentsOf messages: Messages,
        timeout: ZMQTimeout = .default
    ) throws(ZMQSocketError) -> Int where Messages.Element: Sequence<UInt8> {
        try OutgoingBatch(messages).send(with: socket, timeout: timeout)
    }

    /// Sends many messages of one part each, in their order, until all are taken or the deadline comes.
    ///
    /// - Returns: how many were taken, from the first on; the others stay with the caller.
    /// - Throws: as `send(_:timeout:)`, when not even the first was taken.
    @inlinable
    @discardableResult
    public nonisolated(nonsending) func send<Messages: Sequence>(
        contentsOf messages: Messages,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) -> Int where Messages.Element: Sequence<UInt8> {
        try await OutgoingBatch(messages).send(with: socket, timeout: timeout)
    }
}
