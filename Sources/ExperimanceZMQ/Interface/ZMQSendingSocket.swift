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
    @inlinable
    public func send(_ bytes: some Sequence<UInt8>, timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        let limit = try timeout.forThread()
        try bytes.withBytes { unsafe socket.send($0, limit) }.check()
    }

    /// Sends one message of one part; waits while no peer has a finished handshake or the queues to all of them are
    /// full.
    ///
    /// - Throws: `timeout`, `tooLarge`, `notSupported` for this type, `state` when it is not the turn of a REQ or REP,
    ///   `noMemory`, `limit` out of descriptors to wait with, `canceled` also when the task is, `closed`, `invalid` for
    ///   a time-out out of range. The message was not taken then.
    @inlinable
    public nonisolated(nonsending) func send(
        _ bytes: some Sequence<UInt8>,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        let limit = try timeout.forTask()
        if !Task.isCancelled, bytes.withBytes({ unsafe socket.trySend($0) }) { return }
        try await socket.send(bytes.withBytes { unsafe OutgoingFrame(copying: $0) }, timeout: limit)
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
        _ = try timeout.forThread()
        let (sent, isAll) = socket.sendAtOnce(messages)
        if isAll { return sent }
        do throws(ZMQSocketError) {
            if let rest = messages.arrays(from: sent) { return sent + (try socket.send(rest, timeout: timeout)) }
            return sent + (try OutgoingBatch(messages.dropFirst(sent)).send(with: socket, timeout: timeout))
        } catch {
            guard sent > 0 else { throw error }
            return sent
        }
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
        _ = try timeout.forTask()
        let (sent, isAll) = Task.isCancelled ? (0, false) : socket.sendAtOnce(messages)
        if isAll { return sent }
        do throws(ZMQSocketError) {
            if let rest = messages.arrays(from: sent) { return sent + (try await socket.send(rest, timeout: timeout)) }
            return sent + (try await OutgoingBatch(messages.dropFirst(sent)).send(with: socket, timeout: timeout))
        } catch {
            guard sent > 0 else { throw error }
            return sent
        }
    }
}

extension ZMQSocket {
    /// Blocks its thread.
    ///
    /// - Parameter timeout: in milliseconds; -1 is the socket's own.
    @usableFromInline
    func send(_ bytes: UnsafeRawBufferPointer, _ timeout: Int32) -> ZMQSocketError.Code {
        unsafe handle.send(bytes.baseAddress, bytes.count, timeout: timeout)
    }

    /// Whether the message is taken at once.
    @usableFromInline
    func trySend(_ bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe handle.send(bytes.baseAddress, bytes.count, timeout: 0, isTry: true) == .ok
    }

    /// Sends those messages from the first on that need not wait, without a copy of them that a wait would need.
    @inlinable
    func sendAtOnce<Messages: Sequence>(_ messages: Messages) -> (sent: Int, isAll: Bool) {
        // With the lock held, nobody else's code may run: only of arrays is it known how they hand out their bytes.
        guard Messages.Element.self == [UInt8].self else { return (0, false) }
        let answer = messages.withContiguousStorageIfAvailable { list in
            unsafe list.withMemoryRebound(to: [UInt8].self) { arrays in
                let sent = unsafe trySend(arrays)
                return (sent: sent, isAll: sent > 0 && sent == arrays.count)
            }
        }
        return answer ?? (0, false)
    }

    @usableFromInline
    func trySend(_ messages: UnsafeBufferPointer<[UInt8]>) -> Int { unsafe handle.trySendMany(messages) }

    /// - Parameter frame: the message; nil for want of memory.
    @usableFromInline
    nonisolated(nonsending) func send(_ frame: OutgoingFrame?, timeout: ZMQTimeout) async throws(ZMQSocketError) {
        guard let frame else { throw .noMemory }
        try await handle.performInTask(SendOperation(frame, timeout: timeout.forTask()))
    }
}

extension Sequence {
    /// The elements from the `index`th on, if they are in one array of arrays of bytes: they stay there.
    @inlinable
    func arrays(from index: Int) -> ArraySlice<[UInt8]>? {
        if let arrays = self as? ArraySlice<[UInt8]> { return arrays.dropFirst(index) }
        if let arrays = self as? [[UInt8]] { return arrays.dropFirst(index) }
        return nil
    }
}
