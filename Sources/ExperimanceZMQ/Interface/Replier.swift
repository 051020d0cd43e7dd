// SPDX-License-Identifier: Apache-2.0

/// Answers requests, one after the other.
public struct Replier: MessagingSocket {
    /// The socket underneath.
    public let socket: Socket

    /// Opens a REP socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(options: ZMQSocketOptions = ZMQSocketOptions(), context: Context = .shared) throws(ZMQSocketError) {
        socket = try Socket(.rep, options: options, context: context)
    }

    /// Receives the next request.
    ///
    /// - Throws: `state` before the former request is answered; otherwise as ``ZMQSocket/receive(timeout:)``.
    public func receive(timeout: Duration? = nil) throws(ZMQSocketError) -> [UInt8] {
        try socket.receive(timeout: timeout)
    }

    /// Answers the request received last. If its client is gone, the answer is dropped, as ZeroMQ does.
    ///
    /// - Throws: `state` without a request; otherwise as ``ZMQSocket/send(_:timeout:)``.
    public func reply(_ bytes: some Sequence<UInt8>, timeout: Duration? = nil) throws(ZMQSocketError) {
        try socket.send(bytes, timeout: timeout)
    }
}
