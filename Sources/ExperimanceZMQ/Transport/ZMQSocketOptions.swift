// SPDX-License-Identifier: Apache-2.0

/// How a socket is set up. Everything here is fixed once the socket is open.
public struct ZMQSocketOptions: Hashable, Sendable {
    /// What a publisher does when a subscriber's queue is full.
    public enum FullQueue: UInt32, Sendable {
        /// Drop the message for that subscriber (ZeroMQ's rule).
        case drop = 0
        /// Wait until every matching subscriber has room again, up to the call's deadline.
        case wait = 1
    }

    /// How a published message looks on the wire.
    public enum WireForm: UInt32, Sendable {
        /// Two frames: the topic, the payload.
        case multipart = 0
        /// One frame: the topic, a space, the payload.
        case space = 1
    }

    /// When ZMTP heartbeats are sent.
    public enum Heartbeat: Hashable, Sendable {
        /// As it fits the type of the socket: every second for REQ, never for others.
        case automatic
        /// Never.
        case off
        /// So often.
        case every(Duration)
    }

    /// Messages queued for one peer before a send waits; nil is unlimited. Default 1000.
    public var sendHighWaterMark: Int? = 1000
    /// Messages queued from one peer before it is made to wait; nil is unlimited. Default 1000.
    public var receiveHighWaterMark: Int? = 1000
    /// How long closing without a linger of its own goes on sending what is queued. Default 1 s.
    public var linger: Duration = .seconds(1)
    /// The bound of a call that names none. Default 1 s.
    public var defaultTimeout: Duration = .seconds(1)
    /// When connecting, binding and re-connecting try again.
    public var retry = ZMQRetryPolicy()
    /// A publisher's rule for full queues. Default `drop`.
    public var onFull: FullQueue = .drop
    /// The wire form of `publish`, and the one a subscriber expects. Default `multipart`.
    public var wireForm: WireForm = .multipart
    /// When ZMTP heartbeats are sent. Default `automatic`.
    ///
    /// Heartbeats notice a frozen process, which TCP does not. But a receiver whose queue is full reads nothing, no
    /// heartbeat either: a healthy link is cut then, and what is under way on it is lost. A socket that has them
    /// goes on reading whatever ``receiveHighWaterMark`` is, as libzmq ends the process when a heartbeat is due on a
    /// connection that is over and not read. ROUTER, REP and PAIR leave them to their peers.
    public var heartbeat: Heartbeat = .automatic
    /// Silence after a heartbeat that counts as death; nil (the default) is four times their interval.
    public var heartbeatTimeout: Duration?
    /// A tcp link whose peer's host does not answer for so long is lost, whether or not data is on its way; rounded up
    /// to seconds, at least 4 s. A consumer that does not read keeps its link. Nil is the system's own setting
    /// (hours on a quiet link). Default 5 s.
    public var keepAlive: Duration? = .seconds(5)
    /// The largest message sent or received, in bytes; nil is unlimited. Default 64 MiB. Messages of up to 1024 bytes
    /// are always received, as a handshake needs that much. A publisher receives subscriptions only, of topics of up to
    /// 65,536 bytes, whatever is allowed here.
    public var maxMessageSize: Int? = 64 << 20
    /// Keep only the newest message of each queue: SUB with the wire form `space`, PUSH, PULL, DEALER. Not for messages
    /// of several parts. The answer to a wait for subscriptions counts as one: a subscriber's own, and another's where
    /// it has subscribed to everything, may take the newest message's place.
    public var conflate = false
    /// Keep who has sent each message that is received: ``ZMQMessage/sender``. Each takes a memory block of its own
    /// then, which takes some hundred nanoseconds. Default false.
    public var keepsSenders = false
    /// Waits return `interrupted` when a signal arrives, instead of going on. A connect or bind that is called again
    /// then goes on where it was; a connect that is not wanted any more has to be disconnected.
    public var interruptible = false
    /// Instead of ending, an interruptible wait asks the ``SignalHook`` when a signal arrives.
    package var asksAfterSignals = false
    /// The mode of the file that a bind to a path of ipc makes, such as 0o660: who may write to it may connect. From
    /// the first moment: nobody can before it is set. Nil (the default) leaves it to the process's umask.
    public var ipcMode: Int?
    /// The kernel's send buffer in bytes; nil (the default) leaves it to the system.
    public var sendBuffer: Int?
    /// The kernel's receive buffer in bytes; nil (the default) leaves it to the system.
    public var receiveBuffer: Int?
    /// The identity a ROUTER knows this socket by: 1 to 255 bytes, not starting with 0. Nil: chosen by the peer.
    /// The newest connection that brings an identity has it.
    public var identity: [UInt8]?
    /// Events kept for a reader; when there are more, the oldest goes and is counted. Default 1000.
    public var eventCapacity: Int = 1000
    /// Keys, passwords and who may come in. Nil (the default): no security.
    public var security: ZMQSecurity?

    /// The defaults.
    public init() {}

    /// Checks every field.
    ///
    /// - Throws: `invalid` with a message that names the field.
    public func validate(for kind: ZMQSocketType) throws(ZMQSocketError) {
        try retry.validate()
        func require(_ condition: Bool, _ message: String) throws(ZMQSocketError) {
            guard condition else { throw ZMQSocketError(.invalid, message: message) }
        }
        let counts: [(String, Int?)] = [
            ("send_hwm", sendHighWaterMark), ("receive_hwm", receiveHighWaterMark), ("send_buffer", sendBuffer),
            ("receive_buffer", receiveBuffer), ("event_capacity", eventCapacity),
        ]
        for case let (name, value?) in counts {
            try require(value >= 0 && value <= Int32.max, "\(name) is \(value), it must be 0 to \(Int32.max)")
        }
        if let ipcMode {
            try require(1...0o777 ~= ipcMode, "ipc_mode is \(ipcMode), it must be 0o001 to 0o777")
        }
        try require(eventCapacity >= 1, "event_capacity is 0, it must be at least 1")
        if let maxMessageSize {
            try require(maxMessageSize >= 0, "max_message_size is \(maxMessageSize), it must not be negative")
        }
        let spans: [(String, Duration?)] = [
            ("linger", linger), ("default_timeout", defaultTimeout), ("keepalive", keepAlive),
            ("heartbeat_interval", heartbeat.interval), ("heartbeat_timeout", heartbeatTimeout),
        ]
        let longest = Duration.milliseconds(Int32.max)
        for case let (name, value?) in spans {
            try require(value >= .zero && value <= longest, "\(name) is \(value), it must be 0 to \(longest)")
        }
        // What is nil in Swift where C has 0.
        try require(sendHighWaterMark != 0, "send_hwm is 0: without a limit it is nil")
        try require(receiveHighWaterMark != 0, "receive_hwm is 0: without a limit it is nil")
        try require(maxMessageSize != 0, "max_message_size is 0: without a limit it is nil")
        try require(sendBuffer != 0, "send_buffer is 0: nil leaves it to the system")
        try require(receiveBuffer != 0, "receive_buffer is 0: nil leaves it to the system")
        try require(keepAlive != .zero, "keepalive is 0: nil leaves it to the system")
        try require(heartbeat.interval != .zero, "heartbeat_interval is 0: without heartbeats it is off")
        if let identity {
            try require(1...255 ~= identity.count, "the identity has \(identity.count) bytes, 1 to 255 are allowed")
            try require(
                identity.first != 0,
                "an identity must not start with a zero byte; those are the peer's own choices"
            )
        }
        guard conflate else { return }
        let conflating: [ZMQSocketType] = [.sub, .push, .pull, .dealer]
        try require(
            conflating.contains(kind),
            "conflate does not work on a \(kind.name) socket; for publishing set it at the subscriber"
        )
        try require(
            kind != .sub || wireForm == .space,
            "conflate keeps single frames only: use it with the wire form SPACE"
        )
    }
}

extension ZMQSocketOptions.Heartbeat {
    /// The time between two; nil where the type decides, and without any.
    fileprivate var interval: Duration? {
        if case .every(let interval) = self { interval } else { nil }
    }

    /// The time between two on a socket of that type; nil without any.
    func interval(of kind: ZMQSocketType) -> Duration? {
        guard kind.canHaveHeartbeats else { return nil }
        return switch self {
        case .automatic: kind == .req ? .seconds(1) : nil
        case .off: nil
        case .every(let interval): interval
        }
    }
}
