// SPDX-License-Identifier: Apache-2.0

/// What sockets of every pattern can do.
public protocol MessagingSocket: Sendable {
    /// The socket underneath.
    var socket: Socket { get }
}

extension MessagingSocket {
    /// Binds to an endpoint, trying again under the retry policy while the address is in use or not there yet.
    ///
    /// - Parameters:
    ///   - endpoint: `tcp://ADDRESS:PORT` (port 0 or `*`: the system chooses), `ipc://PATH` or `inproc://NAME`.
    ///   - timeout: the bound of all attempts; nil is the socket's default.
    /// - Returns: the endpoint as it is, with the port the system chose.
    /// - Throws: `addressInUse`, `addressNotAvailable`, `resolve` when attempts or time ran out; `invalid`,
    ///   `notSupported`, `permission`, `limit`, `canceled`, `closed`, `interrupted`.
    @discardableResult
    public func bind(_ endpoint: String, timeout: Duration? = nil) throws(ZMQSocketError) -> String {
        try socket.handle.bind(endpoint, timeout: timeout.timeoutMilliseconds())
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

    /// Connects, and returns once the ZMTP handshake with the peer is done.
    ///
    /// Attempts that fail for a passing reason are repeated under the retry policy until it or the deadline ends them;
    /// then no link is left behind. A link that was up and is lost is made again until the socket is closed.
    ///
    /// - Throws: `refused`, `unreachable`, `resolve`, `timeout`, `peerLost`, `protocolError`, `security`: the reason of
    ///   the last attempt; `invalid`, `notSupported`, `permission`, `limit`, `noMemory`,
    ///   `addressNotAvailable` without a local port left, `canceled`, `closed`, `interrupted`.
    public func connect(_ endpoint: String, timeout: Duration? = nil) throws(ZMQSocketError) {
        try socket.handle.connect(endpoint, inBackground: false, timeout: timeout.timeoutMilliseconds())
    }

    /// Connects in the background, for a peer that starts later: attempts go on until the socket is closed.
    ///
    /// - Throws: `invalid`, `notSupported`, `closed`.
    public func connectInBackground(_ endpoint: String) throws(ZMQSocketError) {
        try socket.handle.connect(endpoint, inBackground: true, timeout: 0)
    }

    /// Stops listening at an endpoint and ends the connections that came through it.
    ///
    /// - Throws: `state` if the socket is not bound to it, `invalid`, `notSupported`, `closed`.
    public func unbind(_ endpoint: String) throws(ZMQSocketError) {
        try socket.handle.unbind(endpoint)
    }

    /// Ends the link to an endpoint. What is queued for it is still sent, for up to the socket's linger; what came from
    /// it and has not been received is dropped.
    ///
    /// - Throws: `state` if the socket is not connected to it, `invalid`, `notSupported`, `closed`.
    public func disconnect(_ endpoint: String) throws(ZMQSocketError) {
        try socket.handle.disconnect(endpoint)
    }

    /// The endpoint bound last, else the one connected to last; nil without either, and for a closed socket.
    public var endpoint: String? {
        (try? socket.handle.endpoint()) ?? nil
    }

    /// Waits until at least `count` peers have finished their handshake, whichever side connected.
    ///
    /// - Throws: `timeout`, `canceled`, `closed`, `interrupted`, `invalid`.
    public func waitPeers(_ count: Int = 1, timeout: Duration? = nil) throws(ZMQSocketError) {
        try socket.handle.waitPeers(count, timeout: timeout.timeoutMilliseconds()).check()
    }

    /// The oldest event that nobody has read, or the next one to come.
    ///
    /// - Throws: `timeout`, `canceled`, `closed`, `interrupted`, `invalid`.
    public func nextEvent(timeout: Duration? = nil) throws(ZMQSocketError) -> ZMQEvent {
        try socket.handle.nextEvent(timeout: timeout.timeoutMilliseconds())
    }

    /// A descriptor that is readable exactly while a message can be received, for epoll(7), Dispatch and event loops.
    ///
    /// It belongs to the socket and is closed with it: take it out of every loop first, and do not read from it.
    ///
    /// - Throws: `notSupported` for a socket that receives nothing, `limit` out of descriptors, `closed`.
    public func descriptor() throws(ZMQSocketError) -> Int32 {
        try socket.handle.descriptor()
    }

    /// Sets an option of libzmq by its number in `<zmq.h>`.
    ///
    /// - Throws: `notSupported` for an option the library keeps for itself, `invalid` for an unknown one or a value out
    ///   of range, `state` for a high-water mark after the first bind or connect, `closed`.
    public func set(option: Int32, to value: Int) throws(ZMQSocketError) {
        try socket.handle.set(option: option, to: Int64(value))
    }

    /// The same for an option that is a text or bytes.
    public func set(option: Int32, to bytes: [UInt8]) throws(ZMQSocketError) {
        var failure: ZMQSocketError?
        bytes.withUnsafeBytes { bytes in
            do throws(ZMQSocketError) { try socket.handle.set(option: option, to: bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Reads an option of libzmq by its number in `<zmq.h>`.
    ///
    /// - Throws: as ``set(option:to:)-(Int32,Int)``.
    public func get(option: Int32) throws(ZMQSocketError) -> Int {
        Int(try socket.handle.get(option: option))
    }

    /// What the socket has done since it was opened.
    ///
    /// - Throws: `closed`.
    public func statistics() throws(ZMQSocketError) -> ZMQStatistics {
        try socket.handle.statistics()
    }

    /// What the socket is doing. `closed` also in a child process, where it is the parent's.
    public var state: ZMQSocketState {
        (try? socket.handle.state()) ?? .closed
    }

    /// Ends every wait on the socket at this moment with `canceled`. The socket stays usable.
    public func cancel() {
        _ = socket.handle.cancel()
    }

    /// Closes the socket: waits end with `closed`, queued messages are sent for up to `linger`. Waits at most
    /// `linger` + 100 ms. Closing again is not an error.
    ///
    /// - Parameter linger: nil is the socket's own.
    /// - Throws: `invalid` for a linger out of range.
    public func close(linger: Duration? = nil) throws(ZMQSocketError) {
        try socket.handle.close(linger: linger.timeoutMilliseconds()).check()
    }
}
