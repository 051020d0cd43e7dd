// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// A subscriber's wish.
enum SubscriptionChange {
    case subscribe
    case unsubscribe
}

// The options the engine itself sets and reads, by what they mean. Each setter answers 0 or an errno.
extension ZMQ {
    /// As many sockets as the context may have, those of monitors included.
    static func limitSockets(of context: UnsafeMutableRawPointer, to count: Int32) -> Int32 {
        unsafe set(context: context, option: ZMQ_MAX_SOCKETS, to: count)
    }

    static func setIOThreads(of context: UnsafeMutableRawPointer, to count: Int32) {
        _ = unsafe set(context: context, option: ZMQ_IO_THREADS, to: count)
    }

    /// Puts a number before the names of the context's threads.
    static func numberThreads(of context: UnsafeMutableRawPointer, by number: Int32) {
        _ = unsafe set(context: context, option: ZMQ_THREAD_NAME_PREFIX, to: number)
    }

    /// Which notices of subscriptions an XPUB has: each, or the first to a topic; of ends each, or the last.
    static func setNotices(of socket: RawSocket, eachSubscription: Bool, eachEnd: Bool) -> Int32 {
        let option = eachEnd ? ZMQ_XPUB_VERBOSER : ZMQ_XPUB_VERBOSE
        return unsafe set(socket, option: option, to: Int32(eachSubscription ? 1 : 0))
    }

    /// The descriptor that says that there are commands to work through.
    static func descriptor(of socket: RawSocket) -> Int32? {
        unsafe getInt32(socket, option: ZMQ_FD)
    }

    /// What the socket was bound or connected to last, as libzmq writes it.
    static func lastEndpoint(of socket: RawSocket) -> String? {
        unsafe getString(socket, option: ZMQ_LAST_ENDPOINT)
    }

    /// The security mechanism the socket speaks, by the name it has in a greeting, and whether it is the server of it.
    static func security(of socket: RawSocket) -> (mechanism: String, isServer: Bool) {
        switch unsafe getInt32(socket, option: ZMQ_MECHANISM) {
        case ZMQ_PLAIN: unsafe ("PLAIN", getInt32(socket, option: ZMQ_PLAIN_SERVER) == 1)
        case ZMQ_CURVE: unsafe ("CURVE", getInt32(socket, option: ZMQ_CURVE_SERVER) == 1)
        case ZMQ_GSSAPI: unsafe ("GSSAPI", getInt32(socket, option: ZMQ_GSSAPI_SERVER) == 1)
        default: ("NULL", false)
        }
    }

    /// Whether a peer is refused where no handler says that it may come in. libzmq ends the process if the socket has
    /// no domain then.
    static func setEnforcesDomain(of socket: RawSocket, to isOn: Bool) -> Int32 {
        unsafe set(socket, option: OptionRule.enforcesDomain, to: Int32(isOn ? 1 : 0))
    }

    static func setLinger(of socket: RawSocket, to milliseconds: Int32) -> Int32 {
        unsafe set(socket, option: ZMQ_LINGER, to: milliseconds)
    }

    /// Whether the next bind or connect is to an IPv6 address.
    static func setIPv6(of socket: RawSocket, to isOn: Bool) -> Int32 {
        unsafe set(socket, option: ZMQ_IPV6, to: Int32(isOn ? 1 : 0))
    }

    /// Has the socket accept connections from a descriptor, which is libzmq's to close from then on.
    ///
    /// - Returns: 0, or an errno; the descriptor is still the caller's then.
    static func listen(_ socket: RawSocket, on descriptor: Int32, _ target: Endpoint.Target) -> Int32 {
        // Of the address libzmq wants the kind only.
        let endpoint = if case .ipc(let path) = target { "ipc://\(path)" } else { "tcp://*:0" }
        var status = unsafe set(socket, option: ZMQ_USE_FD, to: descriptor)
        if status == 0 { status = unsafe bind(socket, endpoint) }
        _ = unsafe set(socket, option: ZMQ_USE_FD, to: Int32(-1))
        return status
    }

    static func set(_ change: SubscriptionChange, to topic: UnsafeRawBufferPointer, of socket: RawSocket) -> Int32 {
        unsafe set(socket, option: change == .subscribe ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE, to: topic)
    }

    /// Has a new ROUTER be what answers libzmq's questions: nothing is dropped, and who is gone is told.
    static func setUpHandler(_ socket: RawSocket) -> Int32 {
        for option in [ZMQ_SNDHWM, ZMQ_RCVHWM, ZMQ_LINGER, ZMQ_ROUTER_MANDATORY] {
            let status = unsafe set(socket, option: option, to: Int32(option == ZMQ_ROUTER_MANDATORY ? 1 : 0))
            guard status == 0 else { return status }
        }
        return 0
    }

    /// Names the socket to whoever answers libzmq's questions.
    static func setZAPDomain(of socket: RawSocket, to domain: String) -> Int32 {
        unsafe set(socket, option: ZMQ_ZAP_DOMAIN, to: domain)
    }

    /// The reading end of a monitor: it keeps all that comes, and nothing of it when it is closed.
    static func newMonitorReader(_ context: UnsafeMutableRawPointer) -> (socket: RawSocket?, error: Int32) {
        let (socket, number) = unsafe newSocket(context, type: ZMQ_PAIR)
        guard let socket = unsafe socket else { return (nil, number) }
        var status = unsafe set(socket, option: ZMQ_RCVHWM, to: Int32(0))
        if status == 0 { status = unsafe setLinger(of: socket, to: 0) }
        guard status == 0 else {
            unsafe close(socket)
            return (nil, status)
        }
        return unsafe (socket, 0)
    }
}
