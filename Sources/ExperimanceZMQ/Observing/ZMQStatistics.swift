// SPDX-License-Identifier: Apache-2.0

/// What a socket has done since it was opened.
public struct ZMQStatistics: Hashable, Sendable {
    /// Messages libzmq has taken over.
    public var messagesSent: UInt64 = 0
    /// Their bytes.
    public var bytesSent: UInt64 = 0
    /// Messages handed to the caller.
    public var messagesReceived: UInt64 = 0
    /// Their bytes.
    public var bytesReceived: UInt64 = 0
    /// Sends that came back with an error; the message stayed with the caller.
    public var sendsRefused: UInt64 = 0
    /// Calls of any kind that waited until their deadline. A try that does not wait, with a time-out of 0, is not
    /// counted.
    public var timeouts: UInt64 = 0
    /// Attempts to connect.
    public var connectAttempts: UInt64 = 0
    /// Links that were made again after they had been lost.
    public var reconnects: UInt64 = 0
    /// Established links that were lost; not those this side ended itself.
    public var linksLost: UInt64 = 0
    /// Connections to a bound endpoint that did not get through the handshake.
    public var peersRejected: UInt64 = 0
    /// Events that nobody read and that had to make room.
    public var eventsDropped: UInt64 = 0
    /// Peers with a finished handshake at this moment.
    public var peers: Int = 0
    /// The code of the last failure of any call or link, if there was one.
    public var lastError: ZMQSocketError.Code?
    /// What the socket is doing.
    public var state: ZMQSocketState = .idle
    /// Queues of lost links that were dropped, with what may still have been in them.
    public var queuesDropped: UInt64 = 0

    /// Those of a socket that has done nothing; a test of one's own sets what it needs.
    public init() {}
}

/// What a socket is doing, seen from its links.
public enum ZMQSocketState: UInt32, Sendable {
    /// Neither bound nor connected.
    case idle = 0
    /// Bound, but no peer yet.
    case listening = 1
    /// Connecting, no peer yet.
    case connecting = 2
    /// At least one peer with a finished handshake.
    case ready = 3
    /// A link was lost and is being re-made; there is no other peer.
    case reconnecting = 4
    /// Closed.
    case closed = 5
}
