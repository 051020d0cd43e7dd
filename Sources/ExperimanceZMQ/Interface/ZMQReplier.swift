// SPDX-License-Identifier: Apache-2.0

/// Answers requests, one after the other.
///
/// A request that is received has to be answered before the next one: until then a receive throws `state`.
public struct ZMQReplier: ZMQReceivingSocket, ZMQPattern {
    /// The socket underneath.
    public let socket: ZMQSocket

    /// Opens a REP socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(
        options: ZMQSocketOptions = ZMQSocketOptions(),
        context: ZMQContext = .shared
    ) throws(ZMQSocketError) {
        socket = try ZMQSocket(.rep, options: options, context: context)
    }

    /// Blocks its thread until the answer to the request received last is taken. If its client is gone, the answer is
    /// dropped, as ZeroMQ does.
    ///
    /// - Throws: `state` without a request; otherwise as `send(_:timeout:)`.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func reply(_ bytes: some Sequence<UInt8>, timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        try socket.send(bytes, timeout: timeout)
    }

    /// Answers the request received last. If its client is gone, the answer is dropped, as ZeroMQ does.
    ///
    /// - Throws: `state` without a request; otherwise as `send(_:timeout:)`.
    public nonisolated(nonsending) func reply(
        _ bytes: some Sequence<UInt8>,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        try await socket.send(bytes, timeout: timeout)
    }
}
