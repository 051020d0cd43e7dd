// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

@implementation @_cdecl("exz_backoff_open")
public func exz_backoff_open(
    _ out: UnsafeMutablePointer<exz_backoff>!,
    _ policy: UnsafePointer<exz_retry_policy>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        let id = try unsafe schedules.insert(Guarded(Schedule(policy: ZMQRetryPolicy(policy))))
        unsafe out.pointee = exz_backoff(id: id)
    }
}

@implementation @_cdecl("exz_backoff_next")
public func exz_backoff_next(_ delay_ms: UnsafeMutablePointer<Int32>!, _ b: exz_backoff) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let delay_ms = unsafe delay_ms else { throw .invalid("delay_ms is NULL") }
        guard let delay = try schedules.value(of: b.id).withLock({ $0.next() }) else {
            throw ZMQSocketError(.exhausted)
        }
        unsafe delay_ms.pointee = Int32(clamping: delay.roundedUpMilliseconds)
    }
}

@implementation @_cdecl("exz_backoff_reset")
public func exz_backoff_reset(_ b: exz_backoff) -> exz_status {
    status { () throws(ZMQSocketError) in try schedules.value(of: b.id).withLock { $0.reset() } }
}

@implementation @_cdecl("exz_backoff_close")
public func exz_backoff_close(_ b: exz_backoff) -> exz_status {
    status { () throws(ZMQSocketError) in _ = try schedules.remove(b.id) }
}

@implementation @_cdecl("exz_retry")
public func exz_retry(
    _ policy: UnsafePointer<exz_retry_policy>!,
    _ timeout_ms: Int32,
    _ attempt: (@convention(c) (UnsafeMutableRawPointer?, UInt32) -> exz_status)!,
    _ user: UnsafeMutableRawPointer!,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe status(err) { () throws(ZMQSocketError) in
        guard let attempt = unsafe attempt else { throw .invalid("attempt is NULL") }
        let deadline = try Deadline(ofCall: timeout_ms)
        try unsafe Retrying.run(ZMQRetryPolicy(policy), until: deadline) { number in
            unsafe Code(rawValue: attempt(user, number))
        }
    }
}
