// SPDX-License-Identifier: Apache-2.0

/// The ZeroMQ socket types, numbered as libzmq numbers them.
public enum ZMQSocketType: Int32, CaseIterable, Sendable {
    /// Exclusive pair.
    case pair = 0
    /// Publisher.
    case pub = 1
    /// Subscriber.
    case sub = 2
    /// Request side of request-reply.
    case req = 3
    /// Reply side of request-reply.
    case rep = 4
    /// Asynchronous request side.
    case dealer = 5
    /// Asynchronous reply side, addressing its peers by identity.
    case router = 6
    /// Receiving end of a pipeline.
    case pull = 7
    /// Sending end of a pipeline.
    case push = 8
    /// Publisher that sees its subscriptions.
    case xpub = 9
    /// Subscriber that sends its subscriptions as messages.
    case xsub = 10
}

extension ZMQSocketType {
    /// The name ZMTP uses, such as "PUSH".
    public var name: String {
        switch self {
        case .pair: "PAIR"
        case .pub: "PUB"
        case .sub: "SUB"
        case .req: "REQ"
        case .rep: "REP"
        case .dealer: "DEALER"
        case .router: "ROUTER"
        case .pull: "PULL"
        case .push: "PUSH"
        case .xpub: "XPUB"
        case .xsub: "XSUB"
        }
    }

    /// Whether a socket of this kind and one that calls itself `peer` in its handshake may talk (RFC 28, 29, 30, 31).
    func accepts(peerNamed peer: String) -> Bool {
        let accepted: [ZMQSocketType] =
            switch self {
            case .pair: [.pair]
            case .pub, .xpub: [.sub, .xsub]
            case .sub, .xsub: [.pub, .xpub]
            case .req: [.rep, .router]
            case .rep: [.req, .dealer]
            case .dealer: [.rep, .dealer, .router]
            case .router: [.req, .dealer, .router]
            case .pull: [.push]
            case .push: [.pull]
            }
        return accepted.contains { $0.name == peer }
    }

    /// The type the libzmq socket has. A publisher is an XPUB underneath, which looks the same from outside (XPUB and
    /// PUB accept the same peers) and lets the publisher see who subscribes.
    var libzmqType: Int32 {
        self == .pub ? ZMQSocketType.xpub.rawValue : rawValue
    }

    var canSend: Bool { self != .sub && self != .pull }
    var canReceive: Bool { self != .pub && self != .push }

    /// What it sends are subscriptions: of no use to anybody once the link or the socket is gone.
    var sendsSubscriptions: Bool { self == .sub || self == .xsub }

    /// May have something queued at its end that somebody is to get.
    var lingers: Bool { canSend && !sendsSubscriptions }

    /// Sends subscriptions or gets them, when libzmq works through its commands.
    var handlesSubscriptions: Bool { publishes || sendsSubscriptions }

    /// Hands its messages to all subscribers of a topic.
    var publishes: Bool { self == .pub || self == .xpub }

    /// Talks to one peer, and to nobody else while that is there.
    var hasOnePeer: Bool { self == .pair }

    /// Knows its peers by the identities they bring.
    var knowsIdentities: Bool { self == .router || self == .rep }

    /// libzmq takes a connection's queue away where another one has its identity or its place, and then no more reads
    /// from it. When such a one ends and its next heartbeat is due, libzmq ends the process. So these leave heartbeats
    /// to their peers.
    var canHaveHeartbeats: Bool { !knowsIdentities && !hasOnePeer }

    /// Sends and receives in turn.
    var takesTurns: Bool { self == .req || self == .rep }

    /// Spreads its messages over all its links, also over one whose handshake is still going on.
    var balancesSends: Bool {
        switch self {
        case .push, .dealer, .req, .pair: true
        default: false
        }
    }
}
