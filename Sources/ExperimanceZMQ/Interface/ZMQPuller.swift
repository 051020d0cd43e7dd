// SPDX-License-Identifier: Apache-2.0

/// Receives work from all pushers it is linked to, fairly.
public struct ZMQPuller: ZMQReceivingSocket, ZMQPattern {
    /// The socket underneath.
    public let socket: ZMQSocket

    /// Opens a PULL socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(
        options: ZMQSocketOptions = ZMQSocketOptions(),
        context: ZMQContext = .shared
    ) throws(ZMQSocketError) {
        socket = try ZMQSocket(.pull, options: options, context: context)
    }
}
