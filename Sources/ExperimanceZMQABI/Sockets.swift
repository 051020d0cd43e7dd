// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

extension exz_socket {
    // Nothing but the number. The initializer would be a call into the other module, for every message.
    var handle: SocketHandle { unsafe unsafeBitCast(id, to: SocketHandle.self) }
}

@implementation @_cdecl("exz_socket_open")
public func exz_socket_open(
    _ out: UnsafeMutablePointer<exz_socket>!,
    _ ctx: exz_context,
    _ type: exz_socket_type,
    _ options: UnsafePointer<exz_socket_options>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        guard let kind = ZMQSocketType(rawValue: type) else { throw .invalid("\(type) is not a socket type") }
        let handle = try unsafe SocketHandle.open(kind, ZMQSocketOptions(options), in: context(of: ctx))
        unsafe out.pointee = exz_socket(id: handle.rawValue)
    }
}

@implementation @_cdecl("exz_socket_close")
public func exz_socket_close(_ s: exz_socket, _ linger_ms: Int32) -> exz_status {
    answer { s.handle.close(linger: linger_ms) }
}

@implementation @_cdecl("exz_socket_close_start")
public func exz_socket_close_start(
    _ done_fd: UnsafeMutablePointer<Int32>!,
    _ s: exz_socket,
    _ linger_ms: Int32
) -> exz_status {
    status { () throws(ZMQSocketError) in
        let descriptor = try unsafe s.handle.startClosing(linger: linger_ms, isReported: done_fd != nil)
        if let done_fd = unsafe done_fd, let descriptor { unsafe done_fd.pointee = descriptor }
    }
}

@implementation @_cdecl("exz_socket_cancel")
public func exz_socket_cancel(_ s: exz_socket) -> exz_status {
    keepingErrno { s.handle.cancel() }
}

@implementation @_cdecl("exz_socket_bind")
public func exz_socket_bind(
    _ s: exz_socket,
    _ endpoint: UnsafePointer<CChar>!,
    _ timeout_ms: Int32,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe status(err, endpoint: endpoint) { () throws(ZMQSocketError) in
        _ = try unsafe s.handle.bind(endpointText(endpoint), timeout: timeout_ms)
    }
}

@implementation @_cdecl("exz_socket_bind_fd")
public func exz_socket_bind_fd(
    _ s: exz_socket,
    _ descriptor: Int32,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe status(err, endpoint: nil) { () throws(ZMQSocketError) in
        _ = try s.handle.bind(descriptor: descriptor)
    }
}

@implementation @_cdecl("exz_socket_connect")
public func exz_socket_connect(
    _ s: exz_socket,
    _ endpoint: UnsafePointer<CChar>!,
    _ flags: UInt32,
    _ timeout_ms: Int32,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe status(err, endpoint: endpoint) { () throws(ZMQSocketError) in
        guard flags & ~EXZ_CONNECT_BACKGROUND == 0 else { throw .invalid("flags has unknown bits: \(flags)") }
        try unsafe s.handle.connect(
            endpointText(endpoint),
            inBackground: flags & EXZ_CONNECT_BACKGROUND != 0,
            timeout: timeout_ms
        )
    }
}

@implementation @_cdecl("exz_socket_unbind")
public func exz_socket_unbind(_ s: exz_socket, _ endpoint: UnsafePointer<CChar>!) -> exz_status {
    status { () throws(ZMQSocketError) in try unsafe s.handle.unbind(endpointText(endpoint)) }
}

@implementation @_cdecl("exz_socket_disconnect")
public func exz_socket_disconnect(_ s: exz_socket, _ endpoint: UnsafePointer<CChar>!) -> exz_status {
    status { () throws(ZMQSocketError) in try unsafe s.handle.disconnect(endpointText(endpoint)) }
}

@implementation @_cdecl("exz_socket_endpoint")
public func exz_socket_endpoint(_ s: exz_socket, _ buffer: UnsafeMutablePointer<CChar>!, _ capacity: Int) -> exz_status
{
    status { () throws(ZMQSocketError) in
        guard unsafe buffer != nil, capacity >= 0 else { throw .invalid("there is no buffer") }
        guard let endpoint = try s.handle.endpoint() else {
            throw ZMQSocketError(.state, message: "the socket is neither bound nor connected")
        }
        try unsafe copy(endpoint, into: buffer, capacity)
    }
}

/// Writes a text that must not be cut into a caller's buffer.
func copy(_ text: String, into buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int) throws(ZMQSocketError) {
    guard let buffer = unsafe buffer, capacity >= 0 else { throw .invalid("there is no buffer") }
    guard text.utf8.count < capacity else { throw ZMQSocketError(.tooSmall) }
    unsafe UnsafeMutableRawBufferPointer(start: buffer, count: capacity).copyAsCString(text.utf8)
}

@implementation @_cdecl("exz_socket_state")
public func exz_socket_state(_ out: UnsafeMutablePointer<exz_state>!, _ s: exz_socket) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        unsafe out.pointee = try s.handle.state().rawValue
    }
}

@implementation @_cdecl("exz_socket_stats")
public func exz_socket_stats(_ out: UnsafeMutablePointer<exz_stats>!, _ s: exz_socket) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        try unsafe checkSize(of: out, "exz_stats", hint: "EXZ_STATS_INIT")
        let statistics = try s.handle.statistics()
        unsafe out.pointee.fill(with: statistics)
    }
}

@implementation @_cdecl("exz_wait_peers")
public func exz_wait_peers(_ s: exz_socket, _ count: UInt32, _ timeout_ms: Int32) -> exz_status {
    answer { s.handle.waitPeers(Int(count), timeout: timeout_ms) }
}

extension exz_stats {
    fileprivate mutating func fill(with statistics: ZMQStatistics) {
        state = statistics.state.rawValue
        messages_sent = statistics.messagesSent
        bytes_sent = statistics.bytesSent
        messages_received = statistics.messagesReceived
        bytes_received = statistics.bytesReceived
        sends_refused = statistics.sendsRefused
        timeouts = statistics.timeouts
        connect_attempts = statistics.connectAttempts
        reconnects = statistics.reconnects
        links_lost = statistics.linksLost
        peers_rejected = statistics.peersRejected
        events_dropped = statistics.eventsDropped
        peers = UInt32(clamping: statistics.peers)
        last_error = (statistics.lastError ?? .ok).rawValue
        queues_dropped = statistics.queuesDropped
    }
}
