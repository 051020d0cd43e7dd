// SPDX-License-Identifier: Apache-2.0

/// Receives work from all pushers it is linked to, fairly.
public struct Puller: MessagingSocket {
    /// The socket underneath.
    public let socket: Socket

    /// Opens a PULL socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(options: ZMQSocketOptions = ZMQSocketOptions(), context: Context = .shared) throws(ZMQSocketError) {
        socket = try Socket(.pull, options: options, context: context)
    }

    /// Receives one message.
    ///
    /// - Throws: as ``ZMQSocket/receive(timeout:)``.
    public func receive(timeout: Duration? = nil) throws(ZMQSocketError) -> [UInt8] {
        try socket.receive(timeout: timeout)
    }
}
