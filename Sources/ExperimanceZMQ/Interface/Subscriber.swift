// SPDX-License-Identifier: Apache-2.0

/// A published message.
public struct PublishedMessage: Hashable, Sendable {
    /// The topic; bytes that are no UTF-8 are replaced.
    public var topic: String
    /// The payload.
    public var payload: [UInt8]

    /// A message of this topic.
    public init(topic: String, payload: [UInt8]) {
        self.topic = topic
        self.payload = payload
    }
}

/// Receives the messages of the topics it has subscribed to.
public struct Subscriber: MessagingSocket {
    /// The socket underneath.
    public let socket: Socket

    /// Opens a SUB socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(options: ZMQSocketOptions = ZMQSocketOptions(), context: Context = .shared) throws(ZMQSocketError) {
        socket = try Socket(.sub, options: options, context: context)
    }

    /// Subscribes to all topics that begin with `topic`; "" is everything. In force at publishers that come later, too.
    ///
    /// - Throws: `invalid` for a topic of 246 to 255 bytes, which libzmq 4.3.4 garbles, or of more than 65,536;
    ///   `closed`.
    public func subscribe(_ topic: String) throws(ZMQSocketError) {
        var topic = topic
        try topic.withUTF8 { socket.handle.subscribe(UnsafeRawBufferPointer($0)) }.check()
    }

    /// Takes a subscription back.
    ///
    /// - Throws: as ``subscribe(_:)``.
    public func unsubscribe(_ topic: String) throws(ZMQSocketError) {
        var topic = topic
        try topic.withUTF8 { socket.handle.unsubscribe(UnsafeRawBufferPointer($0)) }.check()
    }

    /// Waits until the subscriptions made so far are in force at every publisher this socket is linked to.
    ///
    /// - Throws: `timeout`: no publisher, or no answer; `notSupported`: the publishers are not of this library;
    ///   `canceled`, `closed`, `interrupted`, `invalid`.
    public func waitSubscribed(timeout: Duration? = nil) throws(ZMQSocketError) {
        try socket.handle.waitSubscribed(timeout: timeout.timeoutMilliseconds()).check()
    }

    /// Receives one message.
    ///
    /// - Throws: `timeout`, `canceled`, `closed`, `interrupted`, `invalid`. Nothing is lost then.
    public func receive(timeout: Duration? = nil) throws(ZMQSocketError) -> PublishedMessage {
        let message = try socket.handle.receiveMessage(timeout: timeout.timeoutMilliseconds())
        let topic = try socket.handle.bytes(ofPart: 0, of: message)
        let payload = message.partCount > 1 ? try socket.handle.bytes(ofPart: 1, of: message) : []
        return PublishedMessage(topic: String(decoding: topic, as: UTF8.self), payload: payload)
    }
}
