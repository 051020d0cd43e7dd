// SPDX-License-Identifier: Apache-2.0

/// The messages of a socket, as they come: ``ZMQReceivingSocket/messages``.
///
/// The sequence waits until the socket is closed or its task cancelled, and ends then. What has been received and not
/// yet handed over belongs to the socket, so nothing is lost with `break` or a cancellation: whoever receives next has
/// it. Several tasks may iterate at once; each message goes to one of them. As long as nobody asks for more, ZeroMQ's
/// own queue fills up to its high-water mark, and then the sender waits.
public struct ZMQMessages: AsyncSequence, Sendable {
    /// A message.
    public typealias Element = ZMQMessage
    /// What ends the sequence early: `canceled` when all waits on the socket are ended with
    /// ``ZMQMessagingSocket/cancel()``, `notSupported` for a type that does not receive, `state` when it is not the
    /// turn of a REQ or REP, `limit`, `noMemory`.
    public typealias Failure = ZMQSocketError

    let socket: ZMQSocket

    /// Begins to receive.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(socket) }

    /// Receives one message after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let socket: ZMQSocket
        @usableFromInline var batch: MessageBatch?

        fileprivate init(_ socket: ZMQSocket) {
            self.socket = socket
        }

        /// The next message; nil once the socket is closed or the task cancelled.
        ///
        /// - Parameter actor: whose code asks. This runs where that does: if it were `isolated` the caller would switch
        ///   to its actor again for each message.
        @inlinable
        public nonisolated(nonsending) mutating func next(
            isolation actor: (any Actor)? = #isolation
        ) async throws(ZMQSocketError) -> ZMQMessage? {
            if let batch, !Task.isCancelled, let index = batch.take() { return ZMQMessage(batch, index) }
            return try await receive()
        }

        @usableFromInline
        nonisolated(nonsending) mutating func receive() async throws(ZMQSocketError) -> ZMQMessage? {
            batch = nil
            let message = try await socket.endOfSequence { () async throws(ZMQSocketError) in
                try await socket.handle.receiveBatched(timeout: .untilCancelled)
            }
            batch = message?.batch
            return message.map { ZMQMessage($0) }
        }
    }
}

/// The messages of a socket, as many at a time as are there: ``ZMQReceivingSocket/batches``.
///
/// Waits, ends and fails as ``ZMQMessages`` does. What is in a batch has been handed over; it is never empty.
public struct ZMQBatches: AsyncSequence, Sendable {
    /// Messages that were there at the same time.
    public typealias Element = ZMQBatch
    /// As of ``ZMQMessages``.
    public typealias Failure = ZMQSocketError

    let socket: ZMQSocket

    /// Begins to receive.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(socket: socket) }

    /// Receives one batch after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let socket: ZMQSocket

        /// The next messages; nil once the socket is closed or the task cancelled.
        ///
        /// - Parameter actor: as of ``ZMQMessages``.
        public nonisolated(nonsending) mutating func next(
            isolation actor: (any Actor)? = #isolation
        ) async throws(ZMQSocketError) -> ZMQBatch? {
            try await socket.endOfSequence { () async throws(ZMQSocketError) in
                try await socket.receiveBatch(timeout: .untilCancelled)
            }
        }
    }
}

/// Messages that were received together.
public struct ZMQBatch: RandomAccessCollection, Sendable {
    @usableFromInline let batch: MessageBatch
    @usableFromInline let first: Int
    @usableFromInline let rest: Range<Int>

    /// A message and all that came with it and that nobody else has taken.
    init(from message: BatchedMessage) {
        batch = message.batch
        first = message.index
        rest = message.batch.takeAll()
    }

    /// 0.
    @inlinable public var startIndex: Int { 0 }

    /// The number of messages, at least 1.
    @inlinable public var endIndex: Int { rest.count + 1 }

    /// A message.
    ///
    /// - Precondition: `position` is from 0 to the number of messages, as with every collection.
    @inlinable public subscript(position: Int) -> ZMQMessage {
        ZMQMessage(batch, position == 0 ? first : rest.lowerBound + position - 1)
    }
}
