// SPDX-License-Identifier: Apache-2.0

extension ZMQMessagingSocket {
    /// Blocks its thread until the socket is closed: waits end with `closed`, queued messages are sent for up to
    /// `linger`. Waits at most `linger` + 100 ms. Closing again is not an error.
    ///
    /// - Parameter linger: how long queued messages may still be sent; by default the socket's own linger.
    /// - Throws: `invalid` for a linger out of range.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func close(linger: ZMQTimeout = .default) throws(ZMQSocketError) {
        try socket.handle.close(linger: linger.forThread()).check()
    }

    /// Closes the socket: waits end with `closed`, queued messages are sent for up to `linger`. Back within `linger` +
    /// 100 ms. Closing again is not an error.
    ///
    /// In a task that is cancelled it is closed as well; what is left of the linger passes in the background then.
    ///
    /// - Parameter linger: how long queued messages may still be sent; by default the socket's own linger.
    /// - Throws: `invalid` for a linger out of range.
    public nonisolated(nonsending) func close(linger: ZMQTimeout = .default) async throws(ZMQSocketError) {
        try await socket.handle.closeInTask(linger: linger.forThread())
    }
}
