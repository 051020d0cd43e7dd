// SPDX-License-Identifier: Apache-2.0

extension ZMQSocket {
    /// Blocks its thread until a message of this topic reaches at least so many subscribers of a PUB or XPUB, so that
    /// the next publish arrives.
    ///
    /// An XPUB counts what it hands out: its notices of subscriptions are received as ever, in their order, whether or
    /// not they have been counted before.
    ///
    /// - Throws: `timeout`, `canceled`, `closed`, `interrupted`, `invalid`; `notSupported` on other types, and on an
    ///   XPUB that connects over tcp or ipc, or has one of the options that part its messages from its subscriptions
    ///   (`ZMQ_XPUB_MANUAL`, `ZMQ_INVERT_MATCHING`).
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func waitForSubscribers(
        of topic: String,
        atLeast count: Int = 1,
        timeout: ZMQTimeout = .default
    ) throws(ZMQSocketError) {
        let limit = try timeout.forThread()
        var topic = topic
        try topic.withUTF8 {
            unsafe handle.waitSubscribers(UnsafeRawBufferPointer($0), count: count, timeout: limit)
        }
        .check()
    }

    /// Waits until a message of this topic reaches at least so many subscribers of a PUB or XPUB, so that the next
    /// publish arrives.
    ///
    /// An XPUB counts what it hands out: its notices of subscriptions are received as ever, in their order, whether or
    /// not they have been counted before.
    ///
    /// - Throws: `timeout`, `canceled` also when the task is, `closed`, `invalid`; `notSupported` as for the form that
    ///   blocks.
    public nonisolated(nonsending) func waitForSubscribers(
        of topic: String,
        atLeast count: Int = 1,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        let bytes = Array(topic.utf8)
        guard count >= 0, unsafe bytes.withUnsafeBytes({ unsafe Topic.isCarried($0) }) else {
            throw ZMQSocketError(.invalid)
        }
        let limit = try timeout.forTask()
        try await handle.performInTask(AwaitOperation.subscribers(of: bytes, count, timeout: limit))
    }
}
