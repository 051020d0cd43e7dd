// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

@implementation @_cdecl("exz_proxy_open")
public func exz_proxy_open(
    _ out: UnsafeMutablePointer<exz_proxy>!,
    _ front: exz_socket,
    _ back: exz_socket,
    _ capture: exz_socket,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe status(err) { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        let proxy = try Forwarding(
            front: front.handle,
            back: back.handle,
            capture: capture.id == 0 ? nil : capture.handle
        )
        unsafe out.pointee = exz_proxy(id: try proxies.insert(proxy) { $0.end() })
    }
}

@implementation @_cdecl("exz_proxy_pause")
public func exz_proxy_pause(_ p: exz_proxy, _ timeout_ms: Int32) -> exz_status {
    status { () throws(ZMQSocketError) in try p.forwarding().pause(until: Deadline(ofCall: timeout_ms)) }
}

@implementation @_cdecl("exz_proxy_resume")
public func exz_proxy_resume(_ p: exz_proxy) -> exz_status {
    status { () throws(ZMQSocketError) in try p.forwarding().resume() }
}

@implementation @_cdecl("exz_proxy_stats")
public func exz_proxy_stats(_ out: UnsafeMutablePointer<exz_proxy_statistics>!, _ p: exz_proxy) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        try unsafe checkSize(of: out, "exz_proxy_statistics", hint: "EXZ_PROXY_STATISTICS_INIT")
        let statistics = try p.forwarding().statistics
        unsafe out.pointee.fill(with: statistics)
    }
}

@implementation @_cdecl("exz_proxy_close")
public func exz_proxy_close(_ p: exz_proxy, _ timeout_ms: Int32) -> exz_status {
    status { () throws(ZMQSocketError) in
        let deadline = try Deadline(ofCall: timeout_ms)
        guard let forwarding = try proxies.valueToClose(of: p.id) else { return }
        guard forwarding.close(until: deadline) else {
            throw ZMQSocketError(.timeout, message: "the thread has not let go of the sockets yet; it does when it can")
        }
        _ = try proxies.remove(p.id)
    }
}

extension exz_proxy {
    fileprivate func forwarding() throws(ZMQSocketError) -> Forwarding { try proxies.value(of: id) }
}

extension exz_proxy_statistics {
    fileprivate mutating func fill(with statistics: ForwardingStatistics) {
        state = statistics.state.rawValue
        reason = (statistics.reason ?? .ok).rawValue
        messages_to_back = statistics.messagesToBack
        bytes_to_back = statistics.bytesToBack
        messages_to_front = statistics.messagesToFront
        bytes_to_front = statistics.bytesToFront
        undeliverable = statistics.undeliverable
        captured = statistics.captured
        capture_refused = statistics.captureRefused
        waiting = statistics.waiting
    }
}
