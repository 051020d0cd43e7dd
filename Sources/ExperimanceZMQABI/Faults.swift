// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ
import ExperimanceZMQFaults

@implementation @_cdecl("exz_fault_init")
public func exz_fault_init(_ fault: UnsafeMutablePointer<exz_fault>!) -> exz_status {
    guard let fault = unsafe fault else { return failed(.invalid) }
    unsafe fault.pointee = exz_fault()
    unsafe fault.pointee.size = UInt32(MemoryLayout<exz_fault>.size)
    unsafe fault.pointee.share = 1
    return Code.ok.rawValue
}

@implementation @_cdecl("exz_fault_check")
public func exz_fault_check(_ fault: UnsafePointer<exz_fault>!, _ err: UnsafeMutablePointer<exz_error>!) -> exz_status {
    unsafe status(err) { () throws(ZMQSocketError) in _ = try unsafe Fault(fault) }
}

@implementation @_cdecl("exz_fault_proxy_open")
public func exz_fault_proxy_open(
    _ out: UnsafeMutablePointer<exz_fault_proxy>!,
    _ listen: UnsafePointer<CChar>!,
    _ target: UnsafePointer<CChar>!,
    _ seed: UInt64,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe status(err, endpoint: listen) { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        let (listen, target) = unsafe (try endpointText(listen, "listen"), try endpointText(target, "target"))
        let proxy = try FaultProxyCore(from: listen, to: target, seed: seed == 0 ? nil : seed)
        unsafe out.pointee = exz_fault_proxy(id: try faultProxies.insert(proxy) { $0.close() })
    }
}

@implementation @_cdecl("exz_fault_proxy_endpoint")
public func exz_fault_proxy_endpoint(
    _ p: exz_fault_proxy,
    _ buffer: UnsafeMutablePointer<CChar>!,
    _ capacity: Int
) -> exz_status {
    status { () throws(ZMQSocketError) in
        try unsafe copy(p.core().endpoint(), into: buffer, capacity)
    }
}

@implementation @_cdecl("exz_fault_add")
public func exz_fault_add(
    _ id: UnsafeMutablePointer<UInt32>!,
    _ p: exz_fault_proxy,
    _ fault: UnsafePointer<exz_fault>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let id = unsafe id else { throw .invalid("id is NULL") }
        unsafe id.pointee = try p.core().add(Fault(fault))
    }
}

@implementation @_cdecl("exz_fault_remove")
public func exz_fault_remove(_ p: exz_fault_proxy, _ id: UInt32) -> exz_status {
    status { () throws(ZMQSocketError) in try p.core().remove(id) }
}

@implementation @_cdecl("exz_fault_proxy_stats")
public func exz_fault_proxy_stats(_ out: UnsafeMutablePointer<exz_fault_stats>!, _ p: exz_fault_proxy) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        try unsafe checkSize(of: out, "exz_fault_stats", hint: "EXZ_FAULT_STATS_INIT")
        let statistics = try p.core().stats()
        unsafe out.pointee.fill(with: statistics)
    }
}

@implementation @_cdecl("exz_fault_proxy_wait")
public func exz_fault_proxy_wait(
    _ p: exz_fault_proxy,
    _ what: exz_fault_count,
    _ at_least: UInt64,
    _ timeout_ms: Int32
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let count = FaultCount(rawValue: what) else {
            throw .invalid("\(what) is not one of EXZ_FAULT_COUNT_…")
        }
        try p.core().wait(for: .count(count), atLeast: at_least, until: Deadline(ofCall: timeout_ms))
    }
}

@implementation @_cdecl("exz_fault_wait")
public func exz_fault_wait(
    _ p: exz_fault_proxy,
    _ id: UInt32,
    _ at_least: UInt64,
    _ timeout_ms: Int32
) -> exz_status {
    status { () throws(ZMQSocketError) in
        try p.core().wait(for: .strikes(of: id), atLeast: at_least, until: Deadline(ofCall: timeout_ms))
    }
}

@implementation @_cdecl("exz_fault_proxy_drop")
public func exz_fault_proxy_drop(_ p: exz_fault_proxy) -> exz_status {
    status { () throws(ZMQSocketError) in try p.core().drop() }
}

@implementation @_cdecl("exz_fault_proxy_close")
public func exz_fault_proxy_close(_ p: exz_fault_proxy) -> exz_status {
    status { () throws(ZMQSocketError) in
        // A child's handle stays what it is: of the parent.
        try faultProxies.valueToClose(of: p.id)?.close()
        _ = try faultProxies.remove(p.id)
    }
}

extension exz_fault_proxy {
    fileprivate func core() throws(ZMQSocketError) -> FaultProxyCore { try faultProxies.value(of: id) }
}

extension exz_fault_stats {
    fileprivate mutating func fill(with statistics: FaultStatistics) {
        faults = UInt32(clamping: statistics.faults)
        seed = statistics.seed
        connections = statistics.connections
        open = statistics.open
        failed = statistics.failed
        bytes_to_target = statistics.bytesToTarget
        bytes_to_client = statistics.bytesToClient
        struck = statistics.struck
        target_status = (statistics.lastFailure?.code ?? .ok).rawValue
        target_errno = statistics.lastFailure?.systemErrno ?? 0
    }
}
