// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

extension ZMQSocketOptions {
    /// How long a peer may take for a handshake that libzmq watches over, in milliseconds.
    static let handshakeLimit: Int32 = 5_000
    /// After this libzmq has ended every connection without a handshake, in nanoseconds.
    static let handshakeCertainlyOver = (Int64(handshakeLimit) + 1_000) * nanosecondsPerMillisecond
    /// Room for the commands of a handshake, in bytes: a peer's properties with an identity of 255.
    private static let handshakeSize: Int64 = 1_024
    /// What stands in front of the topic in ZMTP 3.1's command: its length and its name.
    private static let subscribeCommand: Int64 = 1 + 9
    /// Connections waiting to be accepted: a service that comes back meets all its clients at once.
    private static let backlog: Int32 = 1_024
    /// Any domain makes libzmq refuse ZMTP 1 and 2, whose peers could put bytes into a receive without a handshake.
    private static let zapDomain = "experimance"

    /// Sets the options of a new libzmq socket.
    func apply(to socket: RawSocket, kind: ZMQSocketType) throws(ZMQSocketError) {
        try unsafe Self.applyRules(to: socket, kind: kind)
        try unsafe security?.apply(to: socket)
        try unsafe applyFields(to: socket, kind: kind)
    }

    /// Sets what is so whatever the options.
    private static func applyRules(to socket: RawSocket, kind: ZMQSocketType) throws(ZMQSocketError) {
        func set(_ option: Int32, _ value: Int32, _ name: String) throws(ZMQSocketError) {
            try unsafe check(ZMQ.set(socket, option: option, to: value), name)
        }
        try unsafe check(setUsualLimit(of: socket), "the handshake limit")
        try set(ZMQ_BACKLOG, backlog, "the backlog")
        try unsafe check(ZMQ.set(socket, option: ZMQ_ZAP_DOMAIN, to: zapDomain), "the ZAP domain")
        if kind.publishes { try set(ZMQ_XPUB_VERBOSER, 1, "verbose subscriptions") }
        // A new request may follow one that was not answered, and no answer is taken for another one's.
        if kind == .req {
            try set(ZMQ_REQ_RELAXED, 1, "the rule for unanswered requests")
            try set(ZMQ_REQ_CORRELATE, 1, "the rule for late answers")
        }
        // Else a peer that was restarted is ignored as long as the connection of its former life is not quite gone.
        if kind.knowsIdentities { try set(ZMQ_ROUTER_HANDOVER, 1, "the rule for identities") }
        // Else it drops what it can not deliver, and says that it has.
        if kind == .router { try set(ZMQ_ROUTER_MANDATORY, 1, "the rule for unknown peers") }
    }

    /// Sets what there is an option for, whatever libzmq had before: but for security, and for an identity, which can
    /// not be taken back.
    func applyFields(to socket: RawSocket, kind: ZMQSocketType) throws(ZMQSocketError) {
        func set(_ option: Int32, _ value: Int32, _ name: String) throws(ZMQSocketError) {
            try unsafe Self.check(ZMQ.set(socket, option: option, to: value), name)
        }
        // A subscriber's outgoing queue holds its subscriptions, and libzmq drops those beyond the mark in silence.
        try set(ZMQ_SNDHWM, kind.sendsSubscriptions ? 0 : Int32(clamping: sendHighWaterMark ?? 0), "send_hwm")
        try set(ZMQ_RCVHWM, receiveMark(of: kind), "receive_hwm")
        try set(ZMQ_LINGER, kind.lingers ? Int32(clamping: linger.roundedUpMilliseconds) : 0, "linger")
        try unsafe Self.check(applyMaxMessageSize(to: socket, kind: kind), "max_message_size")
        try set(ZMQ_SNDBUF, sendBuffer.map { Int32(clamping: $0) } ?? Self.ofTheSystem, "send_buffer")
        try set(ZMQ_RCVBUF, receiveBuffer.map { Int32(clamping: $0) } ?? Self.ofTheSystem, "receive_buffer")
        try set(ZMQ_CONFLATE, conflate ? 1 : 0, "conflate")
        if let identity {
            let status = unsafe identity.withUnsafeBytes { unsafe ZMQ.set(socket, option: ZMQ_ROUTING_ID, to: $0) }
            try Self.check(status, "identity")
        }
        let delays = reconnectDelays()
        try set(ZMQ_RECONNECT_IVL, delays.interval, "initial_backoff")
        try set(ZMQ_RECONNECT_IVL_MAX, delays.cap, "max_backoff")
        try applyKeepAlive(set)
        try applyHeartbeats(kind, set)
        if kind.publishes { try set(ZMQ_XPUB_NODROP, onFull == .wait ? 1 : 0, "on_full") }
    }

    /// What libzmq takes for "as the system has it".
    private static let ofTheSystem: Int32 = -1

    private static func check(_ status: Int32, _ name: String) throws(ZMQSocketError) {
        guard status == 0 else {
            throw ZMQSocketError(errno: status, doing: "libzmq does not accept \(name)")
        }
    }

    /// How many received messages libzmq queues for one peer before it reads no more; 0 without a limit.
    ///
    /// A connection that is not read, as its queue is full, and then ends, libzmq keeps without a word until the queue
    /// has room; and when its next heartbeat is due meanwhile, it ends the process (`!_io_error`). So a socket with
    /// heartbeats goes on reading.
    func receiveMark(of kind: ZMQSocketType) -> Int32 {
        heartbeat.interval(of: kind) == nil ? Int32(clamping: receiveHighWaterMark ?? 0) : 0
    }

    /// - Returns: 0 or an errno.
    func applyMaxMessageSize(to socket: RawSocket, kind: ZMQSocketType) -> Int32 {
        unsafe ZMQ.set(socket, option: ZMQ_MAXMSGSIZE, to: receiveLimit(of: kind))
    }

    /// The largest frame a peer may send, in bytes; -1 without a limit.
    func receiveLimit(of kind: ZMQSocketType) -> Int64 {
        // libzmq applies the limit to the commands of a handshake, too.
        let limit = maxMessageSize.map { max(Int64($0), Self.handshakeSize) }
        // A publisher receives nothing but subscriptions, and each byte of a topic costs libzmq 27.
        if kind == .pub { return min(limit ?? .max, Topic.longest + Self.subscribeCommand) }
        return limit ?? -1
    }

    /// The limits for peers that libzmq accepts.
    ///
    /// - Returns: 0 or an errno.
    static func setUsualLimit(of socket: RawSocket) -> Int32 {
        unsafe ZMQ.setAttemptLimit(of: socket, milliseconds: handshakeLimit)
    }

    /// The interval and the cap for libzmq's own re-connection.
    ///
    /// An attempt of ours that is refused and taken back waits like that, too, until libzmq's threads have gone through
    /// its end. If it came to connect before, the peer would take it for one of its peers and lose what it sends there.
    /// So the interval is never shorter than a busy machine may need for that.
    func reconnectDelays() -> RepeatedDelays {
        var random = SplitMix64(seed: retry.seed)
        return RepeatedDelays(policy: retry, least: Self.leastReconnectInterval, using: &random)
    }

    /// In milliseconds; what the default policy draws is never less.
    private static let leastReconnectInterval: Int32 = 25

    /// In milliseconds: it is sent in tenths of a second, in 16 bits, and 0 is none.
    private static let (leastTTL, longestTTL): (Int32, Int32) = (100, 65_535)
    private static let keepAliveCount: Int32 = 3

    /// The seconds after which a silent host counts as gone, in whole seconds and at least one of silence before the
    /// questions; nil where the system decides.
    var keepAliveSeconds: Int32? {
        keepAlive.map { max(Self.keepAliveCount + 1, Int32(clamping: ($0.roundedUpMilliseconds + 999) / 1000)) }
    }

    private func applyKeepAlive(_ set: (Int32, Int32, String) throws(ZMQSocketError) -> Void) throws(ZMQSocketError) {
        guard let keepAliveSeconds else { return try set(ZMQ_TCP_KEEPALIVE, Self.ofTheSystem, "keepalive") }
        // After `idle` seconds of silence a question every second; three without an answer are the end.
        let count = Self.keepAliveCount
        try set(ZMQ_TCP_KEEPALIVE, 1, "keepalive")
        // Linux takes no more than 32767 seconds (MAX_TCP_KEEPIDLE).
        try set(ZMQ_TCP_KEEPALIVE_IDLE, min(keepAliveSeconds - count, 32_767), "keepalive")
        try set(ZMQ_TCP_KEEPALIVE_INTVL, 1, "keepalive")
        try set(ZMQ_TCP_KEEPALIVE_CNT, count, "keepalive")
    }

    private func applyHeartbeats(
        _ kind: ZMQSocketType,
        _ set: (Int32, Int32, String) throws(ZMQSocketError) -> Void
    ) throws(ZMQSocketError) {
        guard let every = heartbeat.interval(of: kind) else {
            try set(ZMQ_HEARTBEAT_IVL, 0, "heartbeat_interval")
            return try set(ZMQ_HEARTBEAT_TTL, 0, "heartbeat_timeout")
        }
        let interval = Int32(clamping: every.roundedUpMilliseconds)
        let timeout = heartbeatTimeout.map { Int32(clamping: $0.roundedUpMilliseconds) }
        let silence = timeout ?? Int32(clamping: 4 * Int64(interval))
        try set(ZMQ_HEARTBEAT_IVL, interval, "heartbeat_interval")
        try set(ZMQ_HEARTBEAT_TIMEOUT, silence, "heartbeat_timeout")
        // So the peer ends the link as well when it hears nothing for so long, whether or not it has heartbeats.
        try set(ZMQ_HEARTBEAT_TTL, min(max(silence, Self.leastTTL), Self.longestTTL), "heartbeat_timeout")
    }
}
