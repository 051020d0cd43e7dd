// SPDX-License-Identifier: Apache-2.0

/// Asks a server, and waits for its answer.
///
/// A server may start late, die and come back: the socket is never stuck with a request that was not answered, and an
/// answer that comes late is never taken for another request's.
public struct Requester: MessagingSocket {
    /// The socket underneath.
    public let socket: Socket

    /// Opens a REQ socket.
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``.
    public init(options: ZMQSocketOptions = ZMQSocketOptions(), context: Context = .shared) throws(ZMQSocketError) {
        socket = try Socket(.req, options: options, context: context)
    }

    /// Sends a request and waits for the answer. Requests of several threads follow each other.
    ///
    /// While there is no server the request waits here; it goes out once, when there is one. If the server is lost
    /// then, or does not answer within the retry policy's `attemptTimeout`, an idempotent request is sent again, with
    /// the policy's delays and at most its number of attempts. Any other is not: the server may have executed it.
    ///
    /// - Parameter isIdempotent: whether it does no harm that a server executes the request more than once.
    /// - Throws: `timeout`: there was no answer; `peerLost`: the server was lost before it answered; `refused`,
    ///   `unreachable`, `resolve`, … : there was no server to send it to, and why; `tooLarge`, `state` for an answer of
    ///   several parts, which is kept for ``ZMQSocket/receiveParts(timeout:)``; `canceled`, `closed`, `interrupted`,
    ///   `invalid`.
    public func request(
        _ bytes: some Sequence<UInt8>,
        timeout: Duration? = nil,
        isIdempotent: Bool = false
    ) throws(ZMQSocketError) -> [UInt8] {
        let limit = try timeout.timeoutMilliseconds()
        let answer = Array(bytes).withUnsafeBytes { data in
            Result { () throws(ZMQSocketError) in
                try socket.handle.request(data, isIdempotent: isIdempotent, timeout: limit)
            }
        }
        return try socket.handle.bytes(ofPart: 0, of: answer.get())
    }
}
