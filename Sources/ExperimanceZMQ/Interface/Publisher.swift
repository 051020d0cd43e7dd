// SPDX-License-Identifier: Apache-2.0

/// Publishes messages to all subscribers whose subscriptions begin their topic.
public struct Publisher: MessagingSocket {
    /// The socket underneath.
    public let socket: Socket

    /// Opens a PUB socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(options: ZMQSocketOptions = ZMQSocketOptions(), context: Context = .shared) throws(ZMQSocketError) {
        socket = try Socket(.pub, options: options, context: context)
    }

    /// Publishes a message. What nobody has subscribed to is dropped, as ZeroMQ does.
    ///
    /// - Parameter timeout: the bound where `onFull` is `wait`; otherwise publishing does not wait.
    /// - Throws: `timeout`: a subscriber's queue stayed full; `tooLarge`, `noMemory`, `limit`, `canceled`,
    ///   `closed`, `interrupted`; `invalid` for a topic with a space in the wire form `space`.
    public func publish(
        _ topic: String,
        _ payload: some Sequence<UInt8>,
        timeout: Duration? = nil
    ) throws(ZMQSocketError) {
        let limit = try timeout.timeoutMilliseconds()
        var topic = topic
        let bytes = Array(payload)
        let code = topic.withUTF8 { topic in
            bytes.withUnsafeBytes { payload in
                socket.handle.publish(topic: UnsafeRawBufferPointer(topic), payload, timeout: limit)
            }
        }
        try code.check()
    }

    /// Waits until a message of this topic reaches at least `count` subscribers, so that the next publish arrives.
    ///
    /// - Throws: `timeout`, `canceled`, `closed`, `interrupted`, `invalid`.
    public func waitSubscribers(
        _ topic: String,
        count: Int = 1,
        timeout: Duration? = nil
    ) throws(ZMQSocketError) {
        let limit = try timeout.timeoutMilliseconds()
        var topic = topic
        try topic.withUTF8 { socket.handle.waitSubscribers(UnsafeRawBufferPointer($0), count: count, timeout: limit) }
            .check()
    }
}
