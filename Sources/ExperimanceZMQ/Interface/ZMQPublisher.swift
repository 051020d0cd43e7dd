// SPDX-License-Identifier: Apache-2.0

/// Publishes messages to all subscribers whose subscriptions begin their topic.
public struct ZMQPublisher: ZMQMessagingSocket, ZMQPattern {
    /// The socket underneath.
    public let socket: ZMQSocket

    /// Opens a PUB socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(
        options: ZMQSocketOptions = ZMQSocketOptions(),
        context: ZMQContext = .shared
    ) throws(ZMQSocketError) {
        socket = try ZMQSocket(.pub, options: options, context: context)
    }

    /// Blocks its thread until a message is published, where `onFull` is `wait`; otherwise publishing does not wait.
    /// What nobody has subscribed to is dropped, as ZeroMQ does.
    ///
    /// - Parameters:
    ///   - payload: the bytes.
    ///   - topic: what subscriptions are compared with; it comes in front of the payload.
    ///   - timeout: the bound where `onFull` is `wait`.
    /// - Throws: `timeout`: a subscriber's queue stayed full; `tooLarge`, `noMemory`, `limit`, `canceled`,
    ///   `closed`, `interrupted`; `invalid` for a topic with a space in the wire form `space`.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func publish(
        _ payload: some Sequence<UInt8>,
        to topic: String,
        timeout: ZMQTimeout = .default
    ) throws(ZMQSocketError) {
        let limit = try timeout.forThread()
        try publish(payload, topic, timeout: limit, isTry: false).check()
    }

    /// Publishes a message. What nobody has subscribed to is dropped, as ZeroMQ does.
    ///
    /// - Parameters:
    ///   - payload: the bytes.
    ///   - topic: what subscriptions are compared with; it comes in front of the payload.
    ///   - timeout: the bound where `onFull` is `wait`; otherwise publishing does not wait.
    /// - Throws: `timeout`: a subscriber's queue stayed full; `tooLarge`, `noMemory`, `limit`, `canceled` also when the
    ///   task is, `closed`; `invalid` for a topic with a space in the wire form `space`.
    public nonisolated(nonsending) func publish(
        _ payload: some Sequence<UInt8>,
        to topic: String,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        let limit = try timeout.forTask()
        guard !Task.isCancelled else { throw ZMQSocketError(.canceled) }
        guard publish(payload, topic, timeout: 0, isTry: true) != .ok else { return }
        let message = try socket.handle.published(Array(payload), topic: Array(topic.utf8))
        try await socket.handle.performInTask(SendOperation(message, timeout: limit))
    }

    private func publish(
        _ payload: some Sequence<UInt8>,
        _ topic: String,
        timeout: Int32,
        isTry: Bool
    ) -> ZMQSocketError.Code {
        var topic = topic
        return topic.withUTF8 { topic in
            payload.withBytes { payload in
                unsafe socket.handle.publish(
                    topic: UnsafeRawBufferPointer(topic),
                    payload,
                    timeout: timeout,
                    isTry: isTry
                )
            }
        }
    }

    /// Blocks its thread until a message of this topic reaches at least so many subscribers, so that the next publish
    /// arrives.
    ///
    /// - Throws: `timeout`, `canceled`, `closed`, `interrupted`, `invalid`.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func waitForSubscribers(
        of topic: String,
        atLeast count: Int = 1,
        timeout: ZMQTimeout = .default
    ) throws(ZMQSocketError) {
        try socket.waitForSubscribers(of: topic, atLeast: count, timeout: timeout)
    }

    /// Waits until a message of this topic reaches at least so many subscribers, so that the next publish arrives.
    ///
    /// - Throws: `timeout`, `canceled` also when the task is, `closed`, `invalid`.
    public nonisolated(nonsending) func waitForSubscribers(
        of topic: String,
        atLeast count: Int = 1,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        try await socket.waitForSubscribers(of: topic, atLeast: count, timeout: timeout)
    }
}
