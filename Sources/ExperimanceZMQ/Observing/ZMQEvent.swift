// SPDX-License-Identifier: Apache-2.0

/// Something that happened to a socket's links.
public struct ZMQEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: UInt32, CaseIterable, Sendable {
        /// An attempt to connect starts; `attempt` counts from 1.
        case connecting = 1
        /// The ZMTP handshake with a peer is done: the link carries messages.
        case handshaken = 2
        /// An attempt failed for the reason in `code`.
        case failed = 3
        /// The next attempt comes after `delay`.
        case retryIn = 4
        /// An established link is gone; it is being made again if this side connected.
        case lost = 5
        /// The endpoint was disconnected or unbound, or given up.
        case closed = 6
        /// The socket is bound to `endpoint`.
        case listening = 7
        /// A connection to a bound endpoint did not get through the handshake, or is not heard in spite of it: a PAIR
        /// has one peer, a ROUTER one connection for each identity.
        case peerRejected = 8
        /// A subscription to `topic` arrived; `count` subscribers have it now.
        case subscriberJoined = 9
        /// A subscription to `topic` ended; `count` subscribers still have it.
        case subscriberLeft = 10
        /// What was still queued for a link that was lost is dropped, as the link is made again from scratch.
        case queueDropped = 11
        /// The socket lets nobody in, as its context has no authenticator: said once, before the first bind or connect.
        case noAuthenticator = 12
    }

    /// What happened.
    public var kind: Kind
    /// When it happened: nanoseconds of the monotonic clock, which all processes of a machine share.
    public var monotonicNanoseconds: Int64
    /// The endpoint as the caller wrote it (links made by connecting), or the bound one.
    public var endpoint: String?
    /// The attempt it belongs to, from 1 on (`connecting`, `failed`, `retryIn`, and `handshaken` where this side
    /// connected).
    public var attempt: Int?
    /// The wait before the next attempt (`retryIn`).
    public var delay: Duration?
    /// The reason (`failed`, `lost`, `peerRejected`, `queueDropped`).
    public var code: ZMQSocketError.Code?
    /// The errno behind the reason, where there is one.
    public var systemErrno: Int32?
    /// The topic (`subscriberJoined`, `subscriberLeft`); of one of more than 255 bytes only the beginning, as events
    /// are kept for whoever reads them later, and it is others that choose topics.
    public var topic: [UInt8]?
    /// Bytes of the topic, also if it was cut.
    public var topicSize: Int?
    /// Subscribers of the topic (`subscriberJoined`, `subscriberLeft`), or peers with a finished handshake
    /// (`handshaken`).
    public var count: Int?
    /// A sentence on the reason, where there is one.
    public var message: String?
    /// The peer's address in numbers, such as "tcp://10.0.0.3:41234"; over ipc its user, group and process as
    /// ``ZMQMessage/sender`` has them, "localhost:1000:1000:4711" (`handshaken`, `lost`, `peerRejected`,
    /// `subscriberJoined`, `subscriberLeft`).
    ///
    /// Nil where that is not certain: over inproc; where several connections were in their handshake at once and
    /// libzmq does not tell whose is done; of a stranger that was gone before it could be looked at; where a
    /// subscription ended with its connection and others have it, too.
    public var peer: String?
    /// The routing id that the peer has chosen, on a ROUTER that has received something from it (`lost`), and where
    /// another connection has brought the same (`peerRejected`). Over inproc also of who has just come (`handshaken`).
    public var identity: [UInt8]?
    /// As whom an authenticator has let the peer in; nil where nobody decides on it, or that is not certain, as several
    /// peers from one address were in their handshakes at the same moment.
    public var userID: String?
    /// The key that the peer has proved to have over CURVE, as text, also of one whose key is refused (`peerRejected`);
    /// nil where that is not certain.
    public var publicKey: String?

    /// What C's event has room for, too.
    private static let topicRoom = 255
    private static let identityRoom = 255

    /// An event such as a test of one's own needs it.
    ///
    /// - Parameters:
    ///   - kind: what happened.
    ///   - monotonicNanoseconds: when; nil is now.
    ///   - endpoint: where.
    ///   - attempt: the attempt it belongs to.
    ///   - delay: the wait before the next attempt.
    ///   - code: the reason.
    ///   - systemErrno: the errno behind the reason.
    ///   - topic: the topic; of one of more than 255 bytes the beginning is kept.
    ///   - count: subscribers or peers.
    ///   - message: a sentence on the reason.
    ///   - peer: the peer's address in numbers.
    ///   - identity: the routing id that the peer has chosen.
    ///   - userID: as whom it was let in.
    ///   - publicKey: the key it has proved to have.
    public init(
        _ kind: Kind,
        monotonicNanoseconds: Int64? = nil,
        endpoint: String? = nil,
        attempt: Int? = nil,
        delay: Duration? = nil,
        code: ZMQSocketError.Code? = nil,
        systemErrno: Int32? = nil,
        topic: [UInt8]? = nil,
        count: Int? = nil,
        message: String? = nil,
        peer: String? = nil,
        identity: [UInt8]? = nil,
        userID: String? = nil,
        publicKey: String? = nil
    ) {
        self.kind = kind
        self.monotonicNanoseconds = monotonicNanoseconds ?? MonotonicInstant.now().nanoseconds
        self.endpoint = endpoint
        self.attempt = attempt
        self.delay = delay
        self.code = code
        self.systemErrno = systemErrno
        self.count = count
        self.message = message
        self.peer = peer
        self.identity = identity
        self.userID = userID
        self.publicKey = publicKey
        if let topic { note(topic: topic) }
    }

    /// Names the peer, as far as it is known.
    mutating func name(_ known: KnownPeer?) {
        (peer, userID, publicKey) = (known?.address, known?.userID, known?.publicKey)
        // ZMTP has no longer one, but libzmq takes what comes.
        if let chosen = known?.identity, chosen.count <= Self.identityRoom { identity = chosen }
    }

    /// Notes the topic, or its beginning where it is long.
    mutating func note(topic whole: [UInt8]) {
        topicSize = whole.count
        guard whole.count > Self.topicRoom else { return topic = whole }
        var end = Self.topicRoom
        // Back to where a character of UTF-8 begins, which has at most four bytes.
        while end > Self.topicRoom - 3, whole[end] & 0xC0 == 0x80 { end -= 1 }
        topic = Array(whole[..<end])
    }
}

extension ZMQEvent.Kind {
    /// A short name for logs and time lines.
    public var name: String { String(describing: staticName) }

    /// The name as a static, NUL-terminated string.
    package var staticName: StaticString {
        switch self {
        case .connecting: "connecting"
        case .handshaken: "handshaken"
        case .failed: "failed"
        case .retryIn: "retry_in"
        case .lost: "lost"
        case .closed: "closed"
        case .listening: "listening"
        case .peerRejected: "peer_rejected"
        case .subscriberJoined: "subscriber_joined"
        case .subscriberLeft: "subscriber_left"
        case .queueDropped: "queue_dropped"
        case .noAuthenticator: "no_authenticator"
        }
    }
}
