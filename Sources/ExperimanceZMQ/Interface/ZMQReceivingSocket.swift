// SPDX-License-Identifier: Apache-2.0

/// What sockets can do that receive.
public protocol ZMQReceivingSocket: ZMQMessagingSocket {}

extension ZMQReceivingSocket {
    /// The messages that come, one after the other.
    public var messages: ZMQMessages { ZMQMessages(socket: socket) }

    /// The messages that come, as many at a time as are there: the fastest way to receive.
    public var batches: ZMQBatches { ZMQBatches(socket: socket) }

    /// Blocks its thread until there is a message, and receives it.
    ///
    /// - Throws: `timeout`, `notSupported` for this type, `state` when it is not the turn of a REQ or REP, `limit` out
    ///   of descriptors to wait with, `noMemory`, `canceled`, `closed`, `interrupted`, `invalid` for a time-out out of
    ///   range. Nothing is lost then.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    @inlinable
    public func receive(timeout: ZMQTimeout = .default) throws(ZMQSocketError) -> ZMQMessage {
        try socket.receiveMessage(timeout: timeout)
    }

    /// Receives one message.
    ///
    /// - Throws: `timeout`, `notSupported` for this type, `state` when it is not the turn of a REQ or REP, `limit` out
    ///   of descriptors to wait with, `noMemory`, `canceled` also when the task is, `closed`, `invalid` for a time-out
    ///   out of range. Nothing is lost then.
    public nonisolated(nonsending) func receive(
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) -> ZMQMessage {
        ZMQMessage(try await socket.handle.receiveBatched(timeout: timeout.forTask()))
    }

    /// Blocks its thread until there is a message, and receives all that are there, up to a few hundred.
    ///
    /// - Throws: as `receive(timeout:)`.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func receiveBatch(timeout: ZMQTimeout = .default) throws(ZMQSocketError) -> ZMQBatch {
        ZMQBatch(from: try socket.handle.receiveBatched(timeout: timeout.forThread()))
    }

    /// Waits for a message, and receives all that are there, up to a few hundred.
    ///
    /// - Throws: as `receive(timeout:)`.
    public nonisolated(nonsending) func receiveBatch(
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) -> ZMQBatch {
        ZMQBatch(from: try await socket.handle.receiveBatched(timeout: timeout.forTask()))
    }
}

extension ZMQSocket {
    /// Blocks its thread.
    @usableFromInline
    func receiveMessage(timeout: ZMQTimeout) throws(ZMQSocketError) -> ZMQMessage {
        ZMQMessage(try handle.receiveBatched(timeout: timeout.forThread()))
    }
}
