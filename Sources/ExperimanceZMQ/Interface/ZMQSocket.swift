// SPDX-License-Identifier: Apache-2.0

/// A ZeroMQ socket of any type, with a deadline on every call.
///
/// All of it may be used from any thread and any task at any time. ``ZMQPublisher``, ``ZMQSubscriber``, ``ZMQPusher``,
/// ``ZMQPuller``, ``ZMQRequester`` and ``ZMQReplier`` wrap it with the operations that fit their pattern; what they
/// share is in ``ZMQMessagingSocket``.
///
/// A socket that nobody refers to any more is closed in the background, with its own linger.
public final class ZMQSocket: ZMQMessagingSocket {
    /// The socket type.
    public let type: ZMQSocketType
    let handle: SocketHandle

    /// Itself.
    public var socket: ZMQSocket { self }

    /// Opens a socket.
    ///
    /// - Throws: `invalid` for an option out of range, `limit` out of descriptors, threads or sockets, `noMemory`,
    ///   `version` for a libzmq before 4.3, `closed` for a closed context.
    public init(
        _ type: ZMQSocketType,
        options: ZMQSocketOptions = ZMQSocketOptions(),
        context: ZMQContext = .shared
    ) throws(ZMQSocketError) {
        self.type = type
        handle = try SocketHandle.open(type, options, in: context.core())
    }

    deinit {
        handle.closeInBackground()
    }

    /// What a sequence answers: nil where the socket is closed or the task cancelled.
    nonisolated(nonsending) func endOfSequence<Element>(
        _ next: nonisolated(nonsending) () async throws(ZMQSocketError) -> Element
    ) async throws(ZMQSocketError) -> Element? {
        do throws(ZMQSocketError) {
            return try await next()
        } catch {
            if error.code == .closed || error.code == .canceled && Task.isCancelled { return nil }
            throw error
        }
    }
}
