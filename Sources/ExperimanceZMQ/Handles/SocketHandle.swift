// SPDX-License-Identifier: Apache-2.0

import LibC

/// A socket by number: what the C interface hands out, and what ``ZMQSocket`` holds.
///
/// Every operation finds the socket through its slot and says so if it is gone. All of them may be called from any
/// thread at any time.
package struct SocketHandle: Hashable, Sendable {
    package typealias Code = ZMQSocketError.Code

    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Opens a socket.
    package static func open(
        _ kind: ZMQSocketType,
        _ options: ZMQSocketOptions,
        in context: ContextCore
    ) throws(ZMQSocketError) -> SocketHandle {
        SocketHandle(rawValue: try SocketCore.open(kind, options, in: context))
    }

    /// Runs `body` with the socket's core, under its lock.
    func withCore<R>(_ body: (SocketCore) throws(ZMQSocketError) -> R) throws(ZMQSocketError) -> R {
        try socketSlots.withCore(of: rawValue, body)
    }

    /// Performs an operation for the calling thread.
    func perform<Performed: Operation>(
        _ operation: Performed
    ) throws(ZMQSocketError) -> Performed.Output {
        var operation = operation
        return try withCore { core throws(ZMQSocketError) in try core.perform(&operation) }
    }

    /// The same for the current task.
    nonisolated(nonsending) func performInTask<Performed: Operation>(
        _ operation: Performed
    ) async throws(ZMQSocketError) -> Performed.Output {
        var operation = operation
        return try await SocketCore.perform(&operation, on: rawValue)
    }

    /// The same for operations that answer with a code alone.
    private func code(of operation: some Operation) -> Code {
        do throws(ZMQSocketError) {
            _ = try perform(operation)
            return .ok
        } catch {
            return error.code
        }
    }

    // MARK: Links

    package func bind(_ endpoint: String, timeout: Int32) throws(ZMQSocketError) -> String {
        try Self.check(timeout: timeout)
        return try perform(BindOperation(endpoint, timeout: ZMQTimeout(milliseconds: timeout)))
    }

    package func bind(descriptor: Int32) throws(ZMQSocketError) -> String {
        try withCore { core throws(ZMQSocketError) in try core.bind(descriptor: descriptor) }
    }

    package func connect(_ endpoint: String, inBackground: Bool, timeout: Int32) throws(ZMQSocketError) {
        try Self.check(timeout: timeout)
        if inBackground {
            try withCore { core throws(ZMQSocketError) in try core.connectInBackground(endpoint) }
        } else {
            try perform(ConnectOperation(endpoint, timeout: ZMQTimeout(milliseconds: timeout)))
        }
    }

    package func unbind(_ endpoint: String) throws(ZMQSocketError) {
        try withCore { core throws(ZMQSocketError) in try core.unbind(endpoint) }
    }

    package func disconnect(_ endpoint: String) throws(ZMQSocketError) {
        try withCore { core throws(ZMQSocketError) in try core.disconnect(endpoint) }
    }

    /// The endpoint bound last, else the one connected to last; nil if there is neither.
    package func endpoint() throws(ZMQSocketError) -> String? {
        try withCore { core in (core.bound.last?.shown ?? core.connecting.all.last?.endpoint.text)?.string }
    }

    static func check(timeout: Int32) throws(ZMQSocketError) {
        guard timeout >= -1 else {
            throw ZMQSocketError(
                .invalid,
                message: "a time-out of \(timeout) ms: it must be 0 or more, or -1 (default)"
            )
        }
    }

    // MARK: Waiting for peers

    package func waitPeers(_ count: Int, timeout: Int32) -> Code {
        guard timeout >= -1, count >= 0 else { return .invalid }
        return code(of: AwaitOperation.peers(count, timeout: ZMQTimeout(milliseconds: timeout)))
    }

    package func waitSubscribers(_ topic: UnsafeRawBufferPointer, count: Int, timeout: Int32) -> Code {
        guard timeout >= -1, count >= 0, unsafe Topic.isCarried(topic) else { return .invalid }
        let limit = ZMQTimeout(milliseconds: timeout)
        return unsafe code(of: AwaitOperation.subscribers(of: Array(topic), count, timeout: limit))
    }

    package func waitSubscribed(timeout: Int32) -> Code {
        guard timeout >= -1 else { return .invalid }
        return code(of: SubscribedOperation(timeout: ZMQTimeout(milliseconds: timeout)))
    }

    // MARK: Subscriptions

    package func subscribe(_ topic: UnsafeRawBufferPointer) -> Code {
        unsafe setSubscription(.subscribe, topic)
    }

    package func unsubscribe(_ topic: UnsafeRawBufferPointer) -> Code {
        unsafe setSubscription(.unsubscribe, topic)
    }

    private func setSubscription(_ change: SubscriptionChange, _ topic: UnsafeRawBufferPointer) -> Code {
        guard unsafe Topic.canBeSubscribed(topic) else { return .invalid }
        do throws(ZMQSocketError) {
            return try withCore { core in
                if let sender = core.role.subscriptionSender {
                    return unsafe core.refuse(core.send(change, of: topic, sender))
                }
                guard let subscriber = core.role.subscriber else { return core.refuse(.notSupported) }
                return unsafe core.refuse(core.apply(change, to: topic, of: subscriber))
            }
        } catch {
            return error.code
        }
    }

    // MARK: Observing

    package func nextEvent(timeout: Int32) throws(ZMQSocketError) -> ZMQEvent {
        try Self.check(timeout: timeout)
        return try perform(AwaitOperation.event(timeout: ZMQTimeout(milliseconds: timeout)))
    }

    package func statistics() throws(ZMQSocketError) -> ZMQStatistics {
        try withCore { $0.statistics }
    }

    package func state() throws(ZMQSocketError) -> ZMQSocketState {
        try withCore { $0.state }
    }

    // MARK: Ending

    /// Ends every wait on the socket, which stays usable. May be called in a signal handler.
    package func cancel() -> Code {
        guard let slot = socketSlots.slot(of: rawValue), slot.front.setCancels(rawValue, { $0 &+ 1 })
        else {
            return socketSlots.failure(of: rawValue)
        }
        if !slot.tryToWake() { slot.front.wakeLater() }
        return .ok
    }
}
