// SPDX-License-Identifier: Apache-2.0

/// Forwards messages between two sockets, on a thread of its own: what stands between many senders and many receivers
/// that do not know each other.
///
/// It forwards between XSUB and XPUB, ROUTER and DEALER, PULL and PUSH; each may be the front or the back. Messages go
/// on as they came, with all parts, in order, and none of their bytes is copied. Between XSUB and XPUB messages go the
/// one way and subscriptions the other, so that `waitForSubscribers` of a publisher and `waitForSubscriptions` of a
/// subscriber work across it; at the publisher each topic counts once.
///
/// ```swift
/// let front = try ZMQSocket(.xsub), back = try ZMQSocket(.xpub)
/// try await front.bind("tcp://127.0.0.1:5556")  // publishers connect here
/// try await back.bind("tcp://127.0.0.1:5557")   // and subscribers here
/// let proxy = try ZMQProxy(front: front, back: back)
/// ```
///
/// The sockets stay their owner's, who binds, connects and closes them. Peers may come and go on both sides; when one
/// of the sockets is closed, the forwarding ends, and ``statistics`` tells. Nothing is lost in between: messages are
/// taken from one side only when the other one has room, and what was taken and could not be handed on when the proxy
/// pauses or ends is received next on the socket it came from.
///
/// Its thread runs as the ``ZMQContextOptions`` of the front's context have it.
///
/// It may be used from any thread and any task at any time. A proxy that nobody refers to any more ends.
public final class ZMQProxy: Sendable {
    private let forwarding: Forwarding
    // They would be closed with the last who refers to them.
    private let sockets: [ZMQSocket]

    /// Starts to forward.
    ///
    /// - Parameters:
    ///   - front: one of the sockets.
    ///   - back: the other one.
    ///   - capture: gets a copy of each message that was forwarded, in either direction: a PUSH, PUB, PAIR or DEALER
    ///     socket. It never holds anything up: a copy for which it has no room at once is dropped and counted.
    /// - Throws: `notSupported` for types that can not be forwarded to each other, or that can not capture; `invalid`
    ///   for the same socket twice; `state` for one that another proxy has, or on which somebody waits to send or to
    ///   receive; `closed`; `limit` out of descriptors or threads; `noMemory`.
    public init(
        front: some ZMQMessagingSocket,
        back: some ZMQMessagingSocket,
        capture: (any ZMQMessagingSocket)? = nil
    ) throws(ZMQSocketError) {
        sockets = [front.socket, back.socket] + [capture?.socket].compactMap(\.self)
        forwarding = try Forwarding(
            front: front.socket.handle,
            back: back.socket.handle,
            capture: capture?.socket.handle
        )
    }

    deinit {
        forwarding.end()
    }

    /// What it has done so far. A message may be received a moment before it is counted here.
    public var statistics: Statistics { Statistics(forwarding.statistics) }

    // MARK: Pausing

    /// Blocks its thread until no more messages are taken, up to ``resume()``. What is queued waits, and can be
    /// received by the caller. Pausing again is not an error.
    ///
    /// - Parameter timeout: the bound, by default 1 s.
    /// - Throws: `timeout` if that is not so yet, but will be; `state` when the forwarding has ended; `invalid` for a
    ///   time-out out of range.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func pause(timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        try forwarding.pause(until: timeout.deadlineForThread())
    }

    /// Takes no more messages, up to ``resume()``. What is queued waits, and can be received by the caller. Pausing
    /// again is not an error.
    ///
    /// - Parameter timeout: the bound, by default 1 s.
    /// - Throws: `timeout` if that is not so yet, but will be, and `canceled` likewise; `state` when the forwarding has
    ///   ended; `invalid` for a time-out out of range.
    public nonisolated(nonsending) func pause(timeout: ZMQTimeout = .default) async throws(ZMQSocketError) {
        try await forwarding.pauseInTask(until: timeout.deadlineForTask())
    }

    /// Goes on after a pause. Where there is none it does nothing.
    ///
    /// - Throws: `state` when the forwarding has ended.
    public func resume() throws(ZMQSocketError) { try forwarding.resume() }

    // MARK: Ending

    /// Blocks its thread until the forwarding has ended and the sockets are their owner's alone again. Closing again is
    /// not an error.
    ///
    /// - Parameter timeout: the bound, by default 1 s.
    /// - Throws: `timeout` if that is not so yet: it will be, and closing again waits for it; `invalid` for a time-out
    ///   out of range.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func close(timeout: ZMQTimeout = .default) throws(ZMQSocketError) {
        guard forwarding.close(until: try timeout.deadlineForThread()) else { throw ZMQSocketError(.timeout) }
    }

    /// Ends the forwarding: the sockets are their owner's alone again. Closing again is not an error.
    ///
    /// - Parameter timeout: the bound, by default 1 s.
    /// - Throws: `timeout` if it has not ended yet: it will, and closing again waits for it; `canceled` likewise;
    ///   `invalid` for a time-out out of range.
    public nonisolated(nonsending) func close(timeout: ZMQTimeout = .default) async throws(ZMQSocketError) {
        guard await forwarding.closeInTask(until: try timeout.deadlineForTask()) else {
            throw ZMQSocketError(Task.isCancelled ? .canceled : .timeout)
        }
    }
}

extension ZMQProxy {
    /// What a proxy is doing.
    public enum State: Sendable {
        /// It forwards.
        case forwarding
        /// It pauses.
        case paused
        /// One of its sockets was closed, or it was closed itself.
        case ended
    }

    /// What a proxy has done.
    public struct Statistics: Sendable, Equatable {
        /// What it is doing.
        public let state: State
        /// Why the forwarding has ended, such as `closed` for one of the sockets; nil as long as it has not, and where
        /// the proxy was closed itself.
        public let reason: ZMQSocketError.Code?
        /// Messages that were handed on from the front to the back. Subscriptions count as messages.
        public let messagesToBack: UInt64
        /// The bytes of those.
        public let bytesToBack: UInt64
        /// Messages that were handed on from the back to the front.
        public let messagesToFront: UInt64
        /// The bytes of those.
        public let bytesToFront: UInt64
        /// Messages that could not be handed on and are gone: a ROUTER has no peer of that name, or not any more; it
        /// is longer than `maxMessageSize` of the socket it was to go to; it is a subscription to a topic that
        /// ``ZMQSubscriber/subscribe(to:)`` refuses; there was no memory for it; or it still waited when the socket
        /// that it had come from was closed.
        public let undeliverable: UInt64
        /// Copies that the capture has taken.
        public let captured: UInt64
        /// Copies for which it had no room at once, or that it does not take.
        public let captureRefused: UInt64
        /// Messages that have been taken from one side and wait for room on the other.
        public let waiting: UInt64

        init(_ statistics: ForwardingStatistics) {
            state =
                switch statistics.state {
                case .forwarding: .forwarding
                case .paused: .paused
                case .ended: .ended
                }
            reason = statistics.reason
            messagesToBack = statistics.messagesToBack
            bytesToBack = statistics.bytesToBack
            messagesToFront = statistics.messagesToFront
            bytesToFront = statistics.bytesToFront
            undeliverable = statistics.undeliverable
            captured = statistics.captured
            captureRefused = statistics.captureRefused
            waiting = statistics.waiting
        }
    }
}
