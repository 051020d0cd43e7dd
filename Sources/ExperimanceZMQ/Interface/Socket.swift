// SPDX-License-Identifier: Apache-2.0

/// A ZeroMQ socket of any type, with a deadline on every call.
///
/// All of it may be used from any thread at any time. ``Publisher``, ``Subscriber``, ``Pusher``, ``Puller``,
/// ``Requester`` and ``Replier`` wrap it with the operations that fit their pattern; what they share is in
/// ``MessagingSocket``.
///
/// A socket that nobody refers to any more is closed in the background, with its own linger.
public final class Socket: MessagingSocket {
    /// The socket type.
    public let kind: SocketKind
    let handle: SocketHandle

    /// Itself.
    public var socket: Socket { self }

    /// Opens a socket.
    ///
    /// - Throws: `invalid` for an option out of range, `limit` out of descriptors, threads or sockets, `noMemory`,
    ///   `version` for a libzmq before 4.3, `closed` for a closed context.
    public init(
        _ kind: SocketKind,
        options: SocketOptions = SocketOptions(),
        context: Context = .shared
    ) throws(ZMQSocketError) {
        self.kind = kind
        handle = try SocketHandle.open(kind, options, in: context.core())
    }

    deinit {
        handle.beginClose(linger: -1)
    }

    /// Sends one message of one part.
    ///
    /// Waits while no peer has a finished handshake or the queues to all of them are full.
    ///
    /// - Throws: `timeout`, `tooLarge`, `notSupported` for this type, `state` when it is not the turn of a REQ or REP,
    ///   `noMemory`, `limit` out of descriptors to wait with, `canceled`, `closed`, `interrupted`, `invalid` for a
    ///   time-out out of range. The message was not taken then.
    public func send(_ bytes: some Sequence<UInt8>, timeout: Duration? = nil) throws(ZMQSocketError) {
        let limit = try timeout.timeoutMilliseconds()
        let code =
            bytes.withContiguousStorageIfAvailable { handle.send($0.baseAddress, $0.count, timeout: limit) }
            ?? Array(bytes).withUnsafeBufferPointer { handle.send($0.baseAddress, $0.count, timeout: limit) }
        try code.check()
    }

    /// Sends one message of several parts, which arrive together or not at all.
    ///
    /// - Throws: as ``send(_:timeout:)``; `unreachable` on a ROUTER for a peer it does not have; `invalid` without
    ///   parts.
    public func send(parts: [[UInt8]], timeout: Duration? = nil) throws(ZMQSocketError) {
        let limit = try timeout.timeoutMilliseconds()
        var all: [UInt8] = []
        for part in parts { all += part }
        let code = all.withUnsafeBytes { bytes in
            var start = 0
            let buffers = parts.map { part in
                defer { start += part.count }
                return UnsafeRawBufferPointer(rebasing: bytes[start..<(start + part.count)])
            }
            return handle.send(parts: buffers, timeout: limit)
        }
        try code.check()
    }

    /// Receives one message of one part.
    ///
    /// - Throws: `timeout`, `state` for a message of several parts, which is kept for ``receiveParts(timeout:)``,
    ///   or when it is not the turn of a REQ or REP; `notSupported` for this type, `limit`, `canceled`, `closed`,
    ///   `interrupted`, `invalid` for a time-out out of range. Nothing is lost then.
    public func receive(timeout: Duration? = nil) throws(ZMQSocketError) -> [UInt8] {
        let message = try handle.receiveMessage(timeout: timeout.timeoutMilliseconds(), singlePart: true)
        return try handle.bytes(ofPart: 0, of: message)
    }

    /// Sends many messages of one part each, in their order, until all are taken or the deadline comes.
    ///
    /// - Returns: how many were taken; the others stay with the caller.
    /// - Throws: as ``send(_:timeout:)``, when not even the first was taken.
    public func sendMany(_ messages: [[UInt8]], timeout: Duration? = nil) throws(ZMQSocketError) -> Int {
        let limit = try timeout.timeoutMilliseconds()
        guard !messages.isEmpty else { return 0 }
        let all = messages.flatMap { $0 }
        var sent = 0
        let code = all.withUnsafeBytes { bytes in
            messages.map(\.count).withUnsafeBufferPointer {
                handle.sendMany(bytes.baseAddress, sizes: $0, sent: &sent, timeout: limit)
            }
        }
        if sent == 0 { try code.check() }
        return sent
    }

    /// Receives messages of one part each: waits for the first, and takes what is there.
    ///
    /// - Parameter limit: the most to take; more than 65536 never come at once, and none after 16 MiB.
    /// - Throws: as ``receive(timeout:)``; `invalid` for a limit below 1.
    public func receiveMany(limit: Int = 1_000, timeout: Duration? = nil) throws(ZMQSocketError) -> [[UInt8]] {
        try handle.receiveMany(limit: limit, timeout: timeout.timeoutMilliseconds())
    }

    /// Receives one message with all its parts.
    ///
    /// - Throws: as ``receive(timeout:)``; `state` only when it is not the turn of a REQ or REP.
    public func receiveParts(timeout: Duration? = nil) throws(ZMQSocketError) -> [[UInt8]] {
        let message = try handle.receiveMessage(timeout: timeout.timeoutMilliseconds())
        var parts: [[UInt8]] = []
        for index in 0..<message.partCount { parts.append(try handle.bytes(ofPart: index, of: message)) }
        return parts
    }
}
