// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A socket by number: what the C interface hands out, and what ``Socket`` holds.
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
        _ kind: SocketKind,
        _ options: SocketOptions,
        in context: ContextCore
    ) throws(ZMQSocketError) -> SocketHandle {
        SocketHandle(rawValue: try SocketCore.open(kind, options, in: context))
    }

    /// Runs `body` with the socket's core, under its lock.
    func withCore<R>(_ body: (SocketCore) throws(ZMQSocketError) -> R) throws(ZMQSocketError) -> R {
        try socketSlots.withCore(of: rawValue, body)
    }

    /// The same for operations that answer with a code alone.
    private func code(timeout: Int32 = -1, _ body: (SocketCore) -> Code) -> Code {
        do throws(ZMQSocketError) {
            return try withCore { core in
                let code = body(core)
                if code != .ok { core.count(code, timeout: timeout) }
                return code
            }
        } catch {
            return error.code
        }
    }

    // MARK: Links

    package func bind(_ endpoint: String, timeout: Int32) throws(ZMQSocketError) -> String {
        try Self.check(timeout: timeout)
        return try withCore { core throws(ZMQSocketError) in try core.bind(endpoint, timeout: timeout) }
    }

    package func bind(descriptor: Int32) throws(ZMQSocketError) -> String {
        try withCore { core throws(ZMQSocketError) in try core.bind(descriptor: descriptor) }
    }

    package func connect(_ endpoint: String, inBackground: Bool, timeout: Int32) throws(ZMQSocketError) {
        try Self.check(timeout: timeout)
        try withCore { core throws(ZMQSocketError) in
            try core.connect(endpoint, inBackground: inBackground, timeout: timeout)
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
        return code(timeout: timeout) { core in
            core.wait(for: .state, until: core.deadline(timeout)) { core.peerCount >= count ? .ok : nil }
        }
    }

    package func waitSubscribers(_ topic: UnsafeRawBufferPointer, count: Int, timeout: Int32) -> Code {
        guard timeout >= -1, count >= 0, Topic.isCarried(topic) else { return .invalid }
        return code(timeout: timeout) { core in
            guard let publisher = core.role.publisher else { return .notSupported }
            // Who subscribes to more is not let in.
            let topic = Array(topic.prefix(Int(Topic.longest)))
            return core.waitSubscribers(topic, of: publisher, count: count, timeout: timeout)
        }
    }

    package func waitSubscribed(timeout: Int32) -> Code {
        guard timeout >= -1 else { return .invalid }
        return code(timeout: timeout) { core in
            guard let subscriber = core.role.subscriber else { return .notSupported }
            return core.waitSubscribed(subscriber, timeout: timeout)
        }
    }

    // MARK: Subscriptions

    package func subscribe(_ topic: UnsafeRawBufferPointer) -> Code {
        setSubscription(.subscribe, topic)
    }

    package func unsubscribe(_ topic: UnsafeRawBufferPointer) -> Code {
        setSubscription(.unsubscribe, topic)
    }

    private func setSubscription(_ change: SubscriptionChange, _ topic: UnsafeRawBufferPointer) -> Code {
        guard Topic.canBeSubscribed(topic) else { return .invalid }
        return code { core in
            guard let subscriber = core.role.subscriber else { return .notSupported }
            return core.apply(change, to: topic, of: subscriber)
        }
    }

    // MARK: Observing

    package func nextEvent(timeout: Int32) throws(ZMQSocketError) -> SocketEvent {
        try Self.check(timeout: timeout)
        return try withCore { core throws(ZMQSocketError) in
            var event: SocketEvent?
            let code = core.wait(for: .events, until: core.deadline(timeout)) {
                event = core.journal.takeEvent()
                return event == nil ? nil : .ok
            }
            guard let event else {
                core.count(code, timeout: timeout)
                throw ZMQSocketError(code)
            }
            return event
        }
    }

    package func statistics() throws(ZMQSocketError) -> SocketStatistics {
        try withCore { $0.statistics }
    }

    package func state() throws(ZMQSocketError) -> SocketState {
        try withCore { $0.state }
    }

    // MARK: Ending

    /// Ends every wait on the socket, which stays usable. May be called in a signal handler.
    package func cancel() -> Code {
        guard let slot = socketSlots.slot(of: rawValue), slot.front.setCancels(rawValue, { $0 &+ 1 }) else {
            return socketSlots.failure(of: rawValue)
        }
        if !slot.tryToWake() { slot.front.wakeLater() }
        return .ok
    }

    /// Closes the socket and waits until libzmq has given everything back, at most linger + 100 ms. Closing again is
    /// not an error.
    ///
    /// - Parameters:
    ///   - milliseconds: how long what is queued may still be sent; -1 is the socket's own setting.
    ///   - goesOn: asked when a signal comes; false ends the wait with `interrupted`, and the rest of the linger passes
    ///     in the background.
    package func close(linger milliseconds: Int32, goesOn: (() -> Bool)? = nil) -> Code {
        guard milliseconds >= -1 else { return .invalid }
        let start = MonotonicInstant.now()
        let core: SocketCore
        let descriptors: [Int32]
        var linger = milliseconds
        do throws(ZMQSocketError) {
            (core, descriptors) = try withCore { core in
                if linger < 0 { linger = core.usualLinger }
                // Before anybody else can end it.
                if linger > 0 { ClosingSockets.begun(core) }
                core.endUse()
                return (core, linger > 0 ? core.outgoingDescriptors : [])
            }
        } catch {
            return error.code == .closed ? .ok : error.code
        }
        let end = Deadline(milliseconds: linger, after: start)
        let wentOn = Outflow.wait(on: descriptors, until: end, goesOn: goesOn)
        core.underLock { core.beginClose(linger: Outflow.rest(of: linger, since: start)) }
        guard wentOn else { return .interrupted }
        return Self.awaitEnd(of: core, linger: linger, since: start, goesOn: goesOn)
    }

    /// Waits for the end of a socket that another close, which has a linger, has begun to close.
    ///
    /// - Parameters:
    ///   - milliseconds: what is left of the linger.
    ///   - goesOn: as for closing.
    package func awaitEnd(linger milliseconds: Int32, goesOn: (() -> Bool)?) -> Code {
        guard let core = ClosingSockets.core(of: rawValue) else { return .ok }
        return Self.awaitEnd(of: core, linger: milliseconds, since: .now(), goesOn: goesOn)
    }

    private static func awaitEnd(
        of core: SocketCore,
        linger: Int32,
        since start: MonotonicInstant,
        goesOn: (() -> Bool)?
    ) -> Code {
        let last = Deadline(milliseconds: linger, after: start.advanced(byNanoseconds: closingSlack))
        return core.finished.wait(until: last, goesOn: goesOn) || last.hasPassed(at: .now()) ? .ok : .interrupted
    }

    /// Closes the socket without waiting for what it still has to send.
    ///
    /// - Parameter milliseconds: -1 is the socket's own linger.
    package func beginClose(linger milliseconds: Int32) {
        try? withCore { core in
            core.beginClose(linger: milliseconds < 0 ? core.usualLinger : milliseconds)
        }
    }
}
