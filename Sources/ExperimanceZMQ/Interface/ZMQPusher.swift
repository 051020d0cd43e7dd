// SPDX-License-Identifier: Apache-2.0

/// Sends work to one of the pullers it is linked to, in turn.
public struct ZMQPusher: ZMQSendingSocket, ZMQPattern {
    /// The socket underneath.
    public let socket: ZMQSocket

    /// Opens a PUSH socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(
        options: ZMQSocketOptions = ZMQSocketOptions(),
        context: ZMQContext = .shared
    ) throws(ZMQSocketError) {
        socket = try ZMQSocket(.push, options: options, context: context)
    }
}
