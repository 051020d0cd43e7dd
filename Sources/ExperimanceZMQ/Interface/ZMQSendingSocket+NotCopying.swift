// SPDX-License-Identifier: Apache-2.0

// Sending bytes in place, received messages, and memory that is lent.
extension ZMQSendingSocket {
    /// Blocks its thread until a message of one part is taken: the bytes of a span, which are copied once.
    ///
    /// - Throws: as `send(_:timeout:)` of a sequence.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func send(_ bytes: RawSpan, timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        let limit = try timeout.forThread()
        try unsafe bytes.withUnsafeBytes { unsafe socket.send($0, limit) }.check()
    }

    /// Sends one message of one part: the bytes of a span, which are copied once.
    ///
    /// - Throws: as `send(_:timeout:)` of a sequence.
    public nonisolated(nonsending) func send(
        _ bytes: RawSpan,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        let limit = try timeout.forTask()
        if !Task.isCancelled, unsafe bytes.withUnsafeBytes({ unsafe socket.trySend($0) }) { return }
        try unsafe await socket.send(bytes.withUnsafeBytes { unsafe OutgoingFrame(copying: $0) }, timeout: limit)
    }

    /// Blocks its thread until a message is taken, with all its parts. Of what was received, nothing that is long is
    /// copied.
    ///
    /// - Throws: as `send(parts:timeout:)`.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func send(_ message: ZMQMessage, timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        let limit = ZMQTimeout(milliseconds: try timeout.forThread())
        try socket.handle.perform(SendOperation(message.share(), timeout: limit))
    }

    /// Sends a message with all its parts. Of what was received, nothing that is long is copied.
    ///
    /// - Throws: as `send(parts:timeout:)`.
    public nonisolated(nonsending) func send(
        _ message: ZMQMessage,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        let limit = try timeout.forTask()
        try await socket.handle.performInTask(SendOperation(message.share(), timeout: limit))
    }

    /// Blocks its thread until a message of one part is taken, which is not copied: ZeroMQ sends it from where it lies.
    ///
    /// - Parameters:
    ///   - bytes: the caller's, to stay as they are until `release` is called.
    ///   - timeout: the bound.
    ///   - release: called once if the call succeeds, when nobody needs the bytes any more, perhaps before it returns,
    ///     and on any thread, ZeroMQ's own mostly: it must be quick and must not call this library. Never if it throws;
    ///     a message that is queued when a process ends is not released.
    /// - Throws: as `send(_:timeout:)` of a sequence.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func send(
        lending bytes: UnsafeRawBufferPointer,
        timeout: ZMQTimeout = .default,
        release: @escaping @Sendable () -> Void
    ) throws(ZMQSocketError) {
        let limit = ZMQTimeout(milliseconds: try timeout.forThread())
        guard let frame = unsafe LentFrame(bytes, release: release) else { throw .noMemory }
        try socket.handle.perform(SendOperation(frame, timeout: limit))
    }

    /// Sends one message of one part without a copy: ZeroMQ sends it from where it lies.
    ///
    /// - Parameters:
    ///   - bytes: the caller's, to stay as they are until `release` is called.
    ///   - timeout: the bound.
    ///   - release: called once if the call succeeds, when nobody needs the bytes any more, perhaps before it returns,
    ///     and on any thread, ZeroMQ's own mostly: it must be quick and must not call this library. Never if it throws;
    ///     a message that is queued when a process ends is not released.
    /// - Throws: as `send(_:timeout:)` of a sequence.
    public nonisolated(nonsending) func send(
        lending bytes: UnsafeRawBufferPointer,
        timeout: ZMQTimeout = .default,
        release: @escaping @Sendable () -> Void
    ) async throws(ZMQSocketError) {
        let limit = try timeout.forTask()
        guard let frame = unsafe LentFrame(bytes, release: release) else { throw .noMemory }
        try await socket.handle.performInTask(SendOperation(frame, timeout: limit))
    }
}

extension ZMQMessage {
    /// Its parts, for somebody else.
    fileprivate func share() throws(ZMQSocketError) -> SharedParts {
        guard let parts = batch.share(index) else { throw .noMemory }
        return parts
    }
}
