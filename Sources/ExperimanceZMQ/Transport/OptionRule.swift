// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// What may be done with an option of libzmq that a user names by its number.
///
/// Most go to libzmq as they are. Some would break what the library promises, or abort the process; those are refused.
/// Some the library has to know of as well.
enum OptionRule {
    /// libzmq's own business.
    case passedOn
    /// A number with a range; beyond it libzmq 4.3.4 aborts, or takes it for another one.
    ///
    /// - Parameter unset: another value, which leaves it to the system.
    case limited(ClosedRange<Int64>, unset: Int64? = nil)
    /// The library needs it for itself, or for a promise. Says what to use instead.
    case reserved(StaticString)
    /// The library has to know the value, too.
    case shared(Shared)

    enum Shared: Equatable {
        case linger
        case sendHighWaterMark
        case receiveHighWaterMark
        case maxMessageSize
        case whenFull
        case handover
        /// Whether a request has a number in front, which its answer brings back.
        case correlation
        case subscription(SubscriptionChange)
        case identity
        case zapDomain
        case notices(NoticeOption)
        /// The socket is the side of a mechanism that lets others in.
        case server
        /// Whether nobody comes in without a handler that says so.
        case closedByDefault
    }

    /// Whether a socket with the option sends messages that nobody hands it.
    static func hasLibraryMessages(_ option: Int32) -> Bool {
        option == ZMQ_PROBE_ROUTER || option == ZMQ_XPUB_WELCOME_MSG
    }

    /// What an XPUB is told of subscriptions, or makes of them.
    enum NoticeOption: Equatable {
        case verbose
        case verboser
        case firstPartsOnly
        /// Who gets what does not follow from the subscriptions alone.
        case ownDecision
    }

    /// The rule for setting the option.
    static func toSet(_ option: Int32, on kind: ZMQSocketType) -> OptionRule {
        switch option {
        case ZMQ_LINGER: return .shared(.linger)
        case ZMQ_SNDHWM:
            // A subscriber's outgoing queue holds its subscriptions, and libzmq drops those beyond the mark in silence.
            return kind.sendsSubscriptions ? .reserved("subscriptions are never dropped") : .shared(.sendHighWaterMark)
        case ZMQ_RCVHWM: return .shared(.receiveHighWaterMark)
        case ZMQ_MAXMSGSIZE: return .shared(.maxMessageSize)
        case ZMQ_XPUB_NODROP: return kind.publishes ? .shared(.whenFull) : .passedOn
        case ZMQ_ROUTER_HANDOVER: return kind.knowsIdentities ? .shared(.handover) : .passedOn
        case ZMQ_SUBSCRIBE: return .shared(.subscription(.subscribe))
        case ZMQ_UNSUBSCRIBE: return .shared(.subscription(.unsubscribe))
        case ZMQ_ROUTING_ID: return .shared(.identity)
        case ZMQ_ZAP_DOMAIN: return .shared(.zapDomain)
        case ZMQ_CURVE_SERVER, ZMQ_PLAIN_SERVER, ZMQ_GSSAPI_SERVER: return .shared(.server)
        case enforcesDomain: return .shared(.closedByDefault)
        // A TTL is sent in tenths of a second in 16 bits, after a multiplication that overflows.
        case ZMQ_HEARTBEAT_TTL: return .limited(0...65_535)
        case ZMQ_HEARTBEAT_IVL: return .reserved("the option heartbeat_interval")
        case ZMQ_TOS: return .limited(0...255)
        // What Linux takes: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL, MAX_TCP_KEEPCNT. A connection that can not be set up
        // loses its descriptor for ever.
        case ZMQ_TCP_KEEPALIVE_IDLE, ZMQ_TCP_KEEPALIVE_INTVL: return .limited(1...32_767, unset: -1)
        case ZMQ_TCP_KEEPALIVE_CNT: return .limited(1...127, unset: -1)
        case ZMQ_XPUB_VERBOSE where kind == .xpub: return .shared(.notices(.verbose))
        case ZMQ_XPUB_VERBOSER where kind == .xpub: return .shared(.notices(.verboser))
        case onlyFirstSubscribe where kind == .xpub: return .shared(.notices(.firstPartsOnly))
        case ZMQ_XPUB_MANUAL where kind == .xpub, xpubManualLastValue where kind == .xpub,
            ZMQ_INVERT_MATCHING where kind == .xpub:
            return .shared(.notices(.ownDecision))
        case ZMQ_XPUB_VERBOSE, ZMQ_XPUB_VERBOSER, ZMQ_XPUB_MANUAL, ZMQ_XPUB_WELCOME_MSG, ZMQ_INVERT_MATCHING,
            xpubManualLastValue, onlyFirstSubscribe:
            return kind == .xpub || kind == .xsub ? .passedOn : .reserved("open an XPUB or XSUB socket for that")
        case ZMQ_RCVTIMEO, ZMQ_SNDTIMEO: return .reserved("every call takes a time-out; default_timeout")
        case ZMQ_RECONNECT_IVL, ZMQ_RECONNECT_IVL_MAX, reconnectStop: return .reserved("the retry policy")
        case ZMQ_HANDSHAKE_IVL, ZMQ_CONNECT_TIMEOUT: return .reserved("the retry policy's attempt_timeout")
        case ZMQ_IMMEDIATE: return .reserved("it throws away what is queued when a link is lost")
        case ZMQ_IPV6, ipv4Only: return .reserved("both families are used as the address says")
        case ZMQ_CONFLATE: return .reserved("the option conflate")
        case ZMQ_ROUTER_MANDATORY: return .reserved("a ROUTER always says when it can not deliver")
        case ZMQ_ROUTER_RAW: return .reserved("only ZMTP 3 peers are talked to")
        case ZMQ_REQ_CORRELATE where kind == .req: return .shared(.correlation)
        case ZMQ_REQ_CORRELATE, ZMQ_REQ_RELAXED: return .reserved("always on")
        case ZMQ_CONNECT_ROUTING_ID: return .reserved("libzmq aborts when one is used twice")
        case ZMQ_USE_FD: return .reserved("bind to an endpoint")
        case ZMQ_SOCKS_PROXY: return .reserved("connections are made directly")
        case ZMQ_AFFINITY: return .reserved("a context has one I/O thread")
        default: return .passedOn
        }
    }

    /// What there is to an option that a user reads.
    enum Reading {
        /// libzmq's own business.
        case passedOn
        /// What the socket can do now: whoever looks at that has to tell others.
        case events
        /// What libzmq has may be another one than the user's.
        case maxMessageSize
        /// The library needs it for itself.
        case reserved
    }

    /// The rule for reading the option.
    static func toGet(_ option: Int32) -> Reading {
        switch option {
        // An edge that any call may use up, and a state that belongs to a receive that is over.
        case ZMQ_FD, ZMQ_RCVMORE: .reserved
        case ZMQ_EVENTS: .events
        case ZMQ_MAXMSGSIZE: .maxMessageSize
        default: .passedOn
        }
    }

    /// Whether the option is a text or bytes. libzmq would take the bytes of a number for it.
    static func isText(_ option: Int32) -> Bool {
        switch option {
        case ZMQ_ROUTING_ID, ZMQ_SUBSCRIBE, ZMQ_UNSUBSCRIBE, ZMQ_LAST_ENDPOINT, ZMQ_TCP_ACCEPT_FILTER,
            ZMQ_PLAIN_USERNAME, ZMQ_PLAIN_PASSWORD, ZMQ_CURVE_PUBLICKEY, ZMQ_CURVE_SECRETKEY, ZMQ_CURVE_SERVERKEY,
            ZMQ_ZAP_DOMAIN, ZMQ_CONNECT_ROUTING_ID, ZMQ_GSSAPI_PRINCIPAL, ZMQ_GSSAPI_SERVICE_PRINCIPAL,
            ZMQ_SOCKS_PROXY, ZMQ_XPUB_WELCOME_MSG, ZMQ_BINDTODEVICE, metadata, socksUsername, socksPassword:
            true
        default: false
        }
    }

    /// Whether the option is a part of a socket's security.
    static func isOfSecurity(_ option: Int32) -> Bool {
        switch option {
        case ZMQ_CURVE_SERVER, ZMQ_CURVE_PUBLICKEY, ZMQ_CURVE_SECRETKEY, ZMQ_CURVE_SERVERKEY, ZMQ_PLAIN_SERVER,
            ZMQ_PLAIN_USERNAME, ZMQ_PLAIN_PASSWORD, ZMQ_GSSAPI_SERVER, ZMQ_GSSAPI_PRINCIPAL,
            ZMQ_GSSAPI_SERVICE_PRINCIPAL, ZMQ_GSSAPI_PLAINTEXT, ZMQ_ZAP_DOMAIN, enforcesDomain:
            true
        default: false
        }
    }

    /// Whether the option is nobody's to see.
    static func isSecret(_ option: Int32) -> Bool { option == ZMQ_CURVE_SECRETKEY || option == ZMQ_PLAIN_PASSWORD }

    static let zapDomain = ZMQ_ZAP_DOMAIN
    /// ZMQ_ZAP_ENFORCE_DOMAIN.
    static let enforcesDomain: Int32 = 93
    // Numbers that <zmq.h> shows only with its drafts, but which some builds take.
    private static let metadata: Int32 = 95
    private static let socksUsername: Int32 = 99
    private static let socksPassword: Int32 = 100
    private static let xpubManualLastValue: Int32 = 98
    private static let onlyFirstSubscribe: Int32 = 108
    private static let reconnectStop: Int32 = 109
    /// The forerunner of ZMQ_IPV6.
    private static let ipv4Only: Int32 = 31
}
