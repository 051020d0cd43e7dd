// SPDX-License-Identifier: Apache-2.0

/// Receives work from all pushers it is linked to, fairly.
public struct Puller: MessagingSocket {
    /// The socket underneath.
    public let socket: Socket

    /// Opens a PULL socket.
    ///
    /// - Throws: as ``Socket/init(_:options:context:)``.
    public init(options: SocketOptions = SocketOptions(), context: Context = .shared) throws(ZMQSocketError) {
        socket = try Socket(.pull, options: options, context: context)
    }

    /// Receives one message.
    ///
    /// - Throws: as ``Socket/receive(timeout:)``.
    public func receive(timeout: Duration? = nil) throws(ZMQSocketError) -> [UInt8] {
        try socket.receive(timeout: timeout)
    }
}
