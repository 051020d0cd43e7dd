// SPDX-License-Identifier: Apache-2.0

/// Receives the messages of the topics it has subscribed to: ``ZMQMessage/topic`` says which.
public struct ZMQSubscriber: ZMQReceivingSocket, ZMQPattern {
    /// The socket underneath.
    public let socket: ZMQSocket

    /// Opens a SUB socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(
        options: ZMQSocketOptions = ZMQSocketOptions(),
        context: ZMQContext = .shared
    ) throws(ZMQSocketError) {
        socket = try ZMQSocket(.sub, options: options, context: context)
    }

    /// Subscribes to all topics that begin with `topic`; "" is everything. In force at publishers that come later, too.
    ///
    /// - Throws: `invalid` for a topic of 246 to 255 bytes, which libzmq 4.3.4 garbles, or of more than 65,536;
    ///   `closed`.
    public func subscribe(to topic: String) throws(ZMQSocketError) {
        var topic = topic
        try topic.withUTF8 { unsafe socket.handle.subscribe(UnsafeRawBufferPointer($0)) }.check()
    }

    /// Takes a subscription back. Messages of its that have arrived are still received.
    ///
    /// - Throws: as ``subscribe(to:)``.
    public func unsubscribe(from topic: String) throws(ZMQSocketError) {
        var topic = topic
        try topic.withUTF8 { unsafe socket.handle.unsubscribe(UnsafeRawBufferPointer($0)) }.check()
    }

    /// Blocks its thread until the subscriptions made so far are in force at every publisher this socket is linked to.
    ///
    /// - Throws: `timeout`: no publisher, or no answer; `notSupported`: the publishers are not of this library;
    ///   `canceled`, `closed`, `interrupted`, `invalid`.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func waitForSubscriptions(timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        try socket.handle.waitSubscribed(timeout: timeout.forThread()).check()
    }

    /// Waits until the subscriptions made so far are in force at every publisher this socket is linked to.
    ///
    /// - Throws: `timeout`: no publisher, or no answer; `notSupported`: the publishers are not of this library;
    ///   `canceled` also when the task is, `closed`, `invalid`.
    public nonisolated(nonsending) func waitForSubscriptions(
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        try await socket.handle.performInTask(SubscribedOperation(timeout: timeout.forTask()))
    }
}
