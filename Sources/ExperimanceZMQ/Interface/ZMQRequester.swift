// SPDX-License-Identifier: Apache-2.0

/// Asks a server, and waits for its answer.
///
/// A server may start late, die and come back: the socket is never stuck with a request that was not answered, and an
/// answer that comes late is never taken for another request's.
public struct ZMQRequester: ZMQMessagingSocket, ZMQPattern {
    /// The socket underneath.
    public let socket: ZMQSocket

    /// Opens a REQ socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(
        options: ZMQSocketOptions = ZMQSocketOptions(),
        context: ZMQContext = .shared
    ) throws(ZMQSocketError) {
        socket = try ZMQSocket(.req, options: options, context: context)
    }

    /// Blocks its thread until a request is answered. Requests of several threads and tasks follow each other.
    ///
    /// While there is no server the request waits here; it goes out once, when there is one. If the server is lost
    /// then, or does not answer within the retry policy's `attemptTimeout`, an idempotent request is sent again, with
    /// the policy's delays and at most its number of attempts. Any other is not: the server may have executed it.
    ///
    /// - Parameters:
    ///   - bytes: the request.
    ///   - timeout: the bound of all of it, however often it is sent.
    ///   - isIdempotent: whether it does no harm that a server executes the request more than once.
    /// - Throws: `timeout`: there was no answer; `peerLost`: the server was lost before it answered; `refused`,
    ///   `unreachable`, `resolve`, … : there was no server to send it to, and why; `tooLarge`, `canceled`, `closed`,
    ///   `interrupted`, `invalid`.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func request(
        _ bytes: some Sequence<UInt8>,
        timeout: ZMQTimeout = .default,
        isIdempotent: Bool = false
    ) throws(ZMQSocketError) -> ZMQMessage {
        let limit = ZMQTimeout(milliseconds: try timeout.forThread())
        let answer = try bytes.withBytes { data in
            Result { () throws(ZMQSocketError) in
                try unsafe socket.handle.perform(RequestOperation(data, isIdempotent: isIdempotent, timeout: limit))
            }
        }.get()
        return ZMQMessage(try socket.handle.batched(answer))
    }

    /// Sends a request and waits for the answer. Requests of several threads and tasks follow each other.
    ///
    /// While there is no server the request waits here; it goes out once, when there is one. If the server is lost
    /// then, or does not answer within the retry policy's `attemptTimeout`, an idempotent request is sent again, with
    /// the policy's delays and at most its number of attempts. Any other is not: the server may have executed it. Nor
    /// can a request be called back that was sent, also not by cancelling the task: its answer is dropped then.
    ///
    /// - Parameters:
    ///   - bytes: the request.
    ///   - timeout: the bound of all of it, however often it is sent.
    ///   - isIdempotent: whether it does no harm that a server executes the request more than once.
    /// - Throws: `timeout`: there was no answer; `peerLost`: the server was lost before it answered; `refused`,
    ///   `unreachable`, `resolve`, … : there was no server to send it to, and why; `tooLarge`, `noMemory`, `canceled`
    ///   also when the task is, `closed`, `invalid`.
    public nonisolated(nonsending) func request(
        _ bytes: some Sequence<UInt8>,
        timeout: ZMQTimeout = .default,
        isIdempotent: Bool = false
    ) async throws(ZMQSocketError) -> ZMQMessage {
        let limit = try timeout.forTask()
        guard var data = bytes.withBytes({ unsafe FramePart(copying: $0) }) else {
            throw ZMQSocketError(.noMemory)
        }
        defer { unsafe data.discard() }
        let answer = try await unsafe socket.handle.performInTask(
            RequestOperation(data.bytes, isIdempotent: isIdempotent, timeout: limit)
        )
        return ZMQMessage(try socket.handle.batched(answer))
    }
}
