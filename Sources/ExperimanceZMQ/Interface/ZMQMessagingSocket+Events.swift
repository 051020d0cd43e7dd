// SPDX-License-Identifier: Apache-2.0

extension ZMQMessagingSocket {
    /// What happens to the socket's links, as it happens.
    ///
    /// The sequence waits until the socket is closed or its task cancelled, and ends then. Events that nobody reads are
    /// kept, the newest `ZMQSocketOptions.eventCapacity` of them; each goes to one reader.
    public var events: ZMQEvents { ZMQEvents(socket: socket) }

    /// Blocks its thread until there is an event, and takes the oldest.
    ///
    /// - Throws: `timeout`, `canceled`, `closed`, `interrupted`, `invalid`.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func nextEvent(timeout: ZMQTimeout = .default) throws(ZMQSocketError) -> ZMQEvent {
        try socket.handle.nextEvent(timeout: timeout.forThread())
    }

    /// The oldest event that nobody has read, or the next one to come.
    ///
    /// - Throws: `timeout`, `canceled` also when the task is, `closed`, `invalid`.
    public nonisolated(nonsending) func nextEvent(
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) -> ZMQEvent {
        try await socket.handle.performInTask(AwaitOperation.event(timeout: timeout.forTask()))
    }
}

/// The events of a socket: ``ZMQMessagingSocket/events``.
public struct ZMQEvents: AsyncSequence, Sendable {
    /// An event.
    public typealias Element = ZMQEvent
    /// What ends the sequence early: `canceled` when all waits on the socket are ended.
    public typealias Failure = ZMQSocketError

    fileprivate let socket: ZMQSocket

    /// Begins to read.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(socket: socket) }

    /// Reads one event after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let socket: ZMQSocket

        /// The next event; nil once the socket is closed or the task cancelled.
        ///
        /// - Parameter actor: as of ``ZMQMessages``.
        public nonisolated(nonsending) mutating func next(
            isolation actor: (any Actor)? = #isolation
        ) async throws(ZMQSocketError) -> ZMQEvent? {
            try await socket.endOfSequence { () async throws(ZMQSocketError) in
                try await socket.nextEvent(timeout: .untilCancelled)
            }
        }
    }
}
