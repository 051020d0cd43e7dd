// SPDX-License-Identifier: Apache-2.0

#if ServiceLifecycle
    public import ServiceLifecycle

    /// A socket as a service of swift-service-lifecycle, for its `ServiceGroup`.
    ///
    /// ```swift
    /// let worker = ZMQService(receivingFrom: puller) { message in try await handle(message) }
    /// try await ServiceGroup(services: [worker], gracefulShutdownSignals: [.sigterm], logger: logger).run()
    /// ```
    ///
    /// On a graceful shutdown what has been received is handled, what is queued is sent within the linger, and the
    /// socket is closed. When its task is cancelled, or a handler throws, the socket is closed at once but for the
    /// linger.
    ///
    /// A group shuts its services down in the reverse of their order: name the socket that others send with before
    /// them.
    public struct ZMQService: Service {
        private let socket: ZMQSocket
        private let drainLimit: Duration
        private let linger: ZMQTimeout
        private let handle: (@Sendable (ZMQMessage) async throws -> Void)?

        /// Handles what a socket receives, one message after the other.
        ///
        /// - Parameters:
        ///   - socket: is closed at the end.
        ///   - drainLimit: once a shutdown has begun no batch is begun after so long, for peers that never stop
        ///     sending: what is still in libzmq's queues is lost then.
        ///   - linger: how long queued messages may be sent at the end; by default the socket's own linger.
        ///   - handler: is called for each message. What it throws ends the service.
        public init(
            receivingFrom socket: some ZMQReceivingSocket,
            drainLimit: Duration = .seconds(1),
            linger: ZMQTimeout = .default,
            handler: @escaping @Sendable (ZMQMessage) async throws -> Void
        ) {
            self.socket = socket.socket
            self.drainLimit = drainLimit
            self.linger = linger
            handle = handler
        }

        /// Keeps a socket that others use, and closes it on a shutdown.
        ///
        /// - Parameters:
        ///   - socket: is closed at the end.
        ///   - linger: how long queued messages may be sent at the end; by default the socket's own linger.
        public init(closing socket: some ZMQMessagingSocket, linger: ZMQTimeout = .default) {
            self.socket = socket.socket
            drainLimit = .zero
            self.linger = linger
            handle = nil
        }

        /// Runs until a shutdown, the cancellation of its task, or until somebody else closes the socket.
        ///
        /// - Throws: what the handler throws; as `receive(timeout:)`; `invalid` for a linger out
        ///   of range.
        public func run() async throws {
            do {
                if let handle { try await receive(handle) } else { try await waitForShutdown() }
            } catch {
                // What went wrong first is what counts.
                try? await socket.close(linger: linger)
                throw error
            }
            try await socket.close(linger: linger)
        }

        private func waitForShutdown() async throws {
            do {
                try await gracefulShutdown()
            } catch is CancellationError {}
        }

        private func receive(_ handle: @Sendable (ZMQMessage) async throws -> Void) async throws {
            var drainEnd: ContinuousClock.Instant?
            while !Task.isCancelled {
                if drainEnd == nil, Task.isShuttingDownGracefully {
                    drainEnd = .now + .nanoseconds(drainLimit.clampedNanoseconds)
                }
                if let drainEnd, drainEnd <= .now { return }
                switch try await next(mayWait: drainEnd == nil) {
                case .messages(let batch):
                    for message in batch where !Task.isCancelled { try await handle(message) }
                case .nothing: if drainEnd != nil { return }
                case .closed: return
                }
            }
        }

        private enum Received {
            case messages(ZMQBatch)
            case nothing
            case closed
        }

        private func next(mayWait: Bool) async throws -> Received {
            let socket = socket
            do throws(ZMQSocketError) {
                return .messages(try await socket.receiveBatch(timeout: .zero))
            } catch {
                guard error.code == .timeout, mayWait else { return try Self.received(error) }
            }
            do {
                // A task of its own, whose end loses nothing: a graceful shutdown does not cancel the handler's.
                return .messages(
                    try await cancelWhenGracefulShutdown { try await socket.receiveBatch(timeout: .untilCancelled) }
                )
            } catch let error as ZMQSocketError {
                return try Self.received(error)
            }
        }

        /// What a receive that threw has found.
        private static func received(_ error: ZMQSocketError) throws(ZMQSocketError) -> Received {
            switch error.code {
            case .timeout, .canceled: return .nothing
            case .closed: return .closed
            default: throw error
            }
        }
    }
#endif
