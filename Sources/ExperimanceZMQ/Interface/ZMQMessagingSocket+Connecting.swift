// SPDX-License-Identifier: Apache-2.0

extension ZMQMessagingSocket {
    // MARK: Binding

    /// Blocks its thread until the socket is bound to an endpoint; tries again under the retry policy while the address
    /// is in use or not there yet.
    ///
    /// - Parameters:
    ///   - endpoint: `tcp://ADDRESS:PORT` (port 0 or `*`: the system chooses), `ipc://PATH` or `inproc://NAME`.
    ///   - timeout: the bound of all attempts.
    /// - Returns: the endpoint as it is, with the port the system chose.
    /// - Throws: `addressInUse`, `addressNotAvailable`, `resolve` when attempts or time ran out; `invalid`,
    ///   `notSupported`, `permission`, `limit`, `canceled`, `closed`, `interrupted`.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    @discardableResult
    public func bind(_ endpoint: String, timeout: ZMQTimeout = .default) throws(ZMQSocketError) -> String {
        try socket.handle.bind(endpoint, timeout: timeout.forThread())
    }

    /// Binds to an endpoint, trying again under the retry policy while the address is in use or not there yet.
    ///
    /// - Parameters:
    ///   - endpoint: `tcp://ADDRESS:PORT` (port 0 or `*`: the system chooses), `ipc://PATH` or `inproc://NAME`.
    ///   - timeout: the bound of all attempts.
    /// - Returns: the endpoint as it is, with the port the system chose.
    /// - Throws: `addressInUse`, `addressNotAvailable`, `resolve` when attempts or time ran out; `invalid`,
    ///   `notSupported`, `permission`, `limit`, `canceled` also when the task is, `closed`.
    @discardableResult
    public nonisolated(nonsending) func bind(
        _ endpoint: String,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) -> String {
        try await socket.handle.performInTask(BindOperation(endpoint, timeout: timeout.forTask()))
    }

    /// Binds to a descriptor that listens already, such as one of systemd's socket activation.
    ///
    /// The library listens with a copy of its own, without blocking; the descriptor stays the caller's, who may close
    /// it at once.
    ///
    /// - Parameter descriptor: a stream socket of IPv4, IPv6 or the local domain on which listen(2) has been called.
    /// - Returns: the endpoint it listens at.
    /// - Throws: `invalid` for any other descriptor, `limit`, `closed`.
    @discardableResult
    public func bind(descriptor: Int32) throws(ZMQSocketError) -> String {
        try socket.handle.bind(descriptor: descriptor)
    }

    /// Stops listening at an endpoint and ends the connections that came through it.
    ///
    /// - Throws: `state` if the socket is not bound to it, `invalid`, `notSupported`, `closed`.
    public func unbind(_ endpoint: String) throws(ZMQSocketError) {
        try socket.handle.unbind(endpoint)
    }

    // MARK: Connecting

    /// Blocks its thread until the ZMTP handshake with the peer at an endpoint is done.
    ///
    /// Attempts that fail for a passing reason are repeated under the retry policy until it or the deadline ends them;
    /// then no link is left behind. A link that was up and is lost is made again until the socket is closed.
    ///
    /// - Throws: `refused`, `unreachable`, `resolve`, `timeout`, `peerLost`, `protocolError`, `security`: the reason of
    ///   the last attempt; `invalid`, `notSupported`, `permission`, `limit`, `noMemory`,
    ///   `addressNotAvailable` without a local port left, `canceled`, `closed`, `interrupted`.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func connect(_ endpoint: String, timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        try socket.handle.connect(endpoint, inBackground: false, timeout: timeout.forThread())
    }

    /// Connects, and returns once the ZMTP handshake with the peer is done.
    ///
    /// Attempts that fail for a passing reason are repeated under the retry policy until it, the deadline or the
    /// cancellation of the task ends them; then no link is left behind. A link that was up and is lost is made again
    /// until the socket is closed.
    ///
    /// - Throws: `refused`, `unreachable`, `resolve`, `timeout`, `peerLost`, `protocolError`, `security`: the reason of
    ///   the last attempt; `invalid`, `notSupported`, `permission`, `limit`, `noMemory`,
    ///   `addressNotAvailable` without a local port left, `canceled` also when the task is, `closed`.
    public nonisolated(nonsending) func connect(
        _ endpoint: String,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        try await socket.handle.performInTask(ConnectOperation(endpoint, timeout: timeout.forTask()))
    }

    /// Connects in the background, for a peer that starts later: attempts go on until the socket is closed.
    ///
    /// - Throws: `invalid`, `notSupported`, `closed`.
    public func connectInBackground(_ endpoint: String) throws(ZMQSocketError) {
        try socket.handle.connect(endpoint, inBackground: true, timeout: 0)
    }

    /// Ends the link to an endpoint. What is queued for it is still sent, for up to the socket's linger; what came from
    /// it and has not been received is dropped, but for what was received ahead.
    ///
    /// - Throws: `state` if the socket is not connected to it, `invalid`, `notSupported`, `closed`.
    public func disconnect(_ endpoint: String) throws(ZMQSocketError) {
        try socket.handle.disconnect(endpoint)
    }

    // MARK: Peers

    /// Blocks its thread until at least so many peers have finished their handshake, whichever side connected.
    ///
    /// - Throws: `timeout`, `canceled`, `closed`, `interrupted`, `invalid` for a negative number.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func waitForPeers(atLeast count: Int = 1, timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        try socket.handle.waitPeers(count, timeout: timeout.forThread()).check()
    }

    /// Waits until at least so many peers have finished their handshake, whichever side connected.
    ///
    /// - Throws: `timeout`, `canceled` also when the task is, `closed`, `invalid` for a negative number.
    public nonisolated(nonsending) func waitForPeers(
        atLeast count: Int = 1,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        guard count >= 0 else { throw ZMQSocketError(.invalid) }
        try await socket.handle.performInTask(AwaitOperation.peers(count, timeout: timeout.forTask()))
    }
}
