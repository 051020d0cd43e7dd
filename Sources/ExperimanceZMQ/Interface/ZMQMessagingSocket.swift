// SPDX-License-Identifier: Apache-2.0

/// What sockets of every pattern can do.
///
/// All of it may be used from any thread and any task at any time.
public protocol ZMQMessagingSocket: Sendable {
    /// The socket underneath.
    var socket: ZMQSocket { get }
}

// MARK: - Settings and state

extension ZMQMessagingSocket {
    /// The endpoint bound last, else the one connected to last; nil without either, and for a closed socket.
    public var endpoint: String? {
        (try? socket.handle.endpoint()) ?? nil
    }

    /// What the socket is doing. `closed` also in a child process, where it is the parent's.
    public var state: ZMQSocketState {
        (try? socket.handle.state()) ?? .closed
    }

    /// What the socket has done since it was opened.
    ///
    /// - Throws: `closed`.
    public func statistics() throws(ZMQSocketError) -> ZMQStatistics {
        try socket.handle.statistics()
    }

    /// A descriptor that is readable exactly while a message can be received, for epoll(7), Dispatch and event loops.
    ///
    /// It belongs to the socket and is closed with it: take it out of every loop first, and do not read from it.
    ///
    /// - Throws: `notSupported` for a socket that receives nothing, `limit` out of descriptors, `closed`.
    public func descriptor() throws(ZMQSocketError) -> Int32 {
        try socket.handle.descriptor()
    }

    /// A descriptor that is readable while a message can be sent; otherwise as ``descriptor()``.
    ///
    /// A publisher always can. A router can if any of its peers has room, a replier while it has a request to answer.
    ///
    /// - Throws: `notSupported` for a socket that sends nothing, `limit` out of descriptors, `closed`.
    public func descriptorForSending() throws(ZMQSocketError) -> Int32 {
        try socket.handle.descriptorForSending()
    }

    /// Replaces the options the socket was opened with, until it first binds or connects: all of them but its security,
    /// which is left as it is, as an identity is where there is none.
    ///
    /// - Throws: `state` once a bind or connect has begun; `invalid` for an option out of range; `notSupported` for
    ///   options with security; `closed`. The socket keeps its options then.
    public func set(_ options: ZMQSocketOptions) throws(ZMQSocketError) {
        try socket.handle.set(options)
    }

    /// Sets an option of libzmq by its number in `<zmq.h>`.
    ///
    /// - Throws: `notSupported` for an option the library keeps for itself, `invalid` for an unknown one or a value out
    ///   of range, `state` for a high-water mark after the first bind or connect, `closed`.
    public func set(option: Int32, to value: Int) throws(ZMQSocketError) {
        try socket.handle.set(option: option, to: Int64(value))
    }

    /// Sets an option of libzmq that is a text or bytes by its number in `<zmq.h>`.
    ///
    /// - Throws: as ``set(option:to:)-(Int32,Int)``.
    public func set(option: Int32, to bytes: [UInt8]) throws(ZMQSocketError) {
        try unsafe bytes.withUnsafeBytes { bytes in
            Result { () throws(ZMQSocketError) in try unsafe socket.handle.set(option: option, to: bytes) }
        }.get()
    }

    /// Reads an option of libzmq by its number in `<zmq.h>`.
    ///
    /// - Throws: as ``set(option:to:)-(Int32,Int)``.
    public func get(option: Int32) throws(ZMQSocketError) -> Int {
        Int(try socket.handle.get(option: option))
    }

    /// Ends every wait on the socket at this moment with `canceled`, whoever waits. The socket stays usable.
    public func cancel() {
        _ = socket.handle.cancel()
    }
}
