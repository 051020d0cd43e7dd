// SPDX-License-Identifier: Apache-2.0

/// Sends work to one of the pullers it is linked to, in turn.
public struct Pusher: MessagingSocket {
    /// The socket underneath.
    public let socket: Socket

    /// Opens a PUSH socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(options: ZMQSocketOptions = ZMQSocketOptions(), context: Context = .shared) throws(ZMQSocketError) {
        socket = try Socket(.push, options: options, context: context)
    }

    /// Sends one message; waits while there is no puller, or none with room.
    ///
    /// - Throws: as ``ZMQSocket/send(_:timeout:)``.
    public func send(_ bytes: some Sequence<UInt8>, timeout: Duration? = nil) throws(ZMQSocketError) {
        try socket.send(bytes, timeout: timeout)
    }
}
