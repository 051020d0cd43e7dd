// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ
import LibC

@implementation @_cdecl("exz_canceler_open")
public func exz_canceler_open(_ out: UnsafeMutablePointer<exz_canceler>!) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        unsafe out.pointee = exz_canceler(id: try Canceler.open())
    }
}

@implementation @_cdecl("exz_canceler_attach")
public func exz_canceler_attach(_ c: exz_canceler) -> exz_status {
    status { () throws(ZMQSocketError) in
        if c.id == 0 { Canceler.detach() } else { try Canceler.attach(c.id) }
    }
}

@implementation @_cdecl("exz_canceler_cancel")
public func exz_canceler_cancel(_ c: exz_canceler) -> exz_status {
    keepingErrno { Canceler.cancel(c.id) }
}

@implementation @_cdecl("exz_canceler_reset")
public func exz_canceler_reset(_ c: exz_canceler) -> exz_status {
    status { () throws(ZMQSocketError) in try Canceler.reset(c.id) }
}

@implementation @_cdecl("exz_canceler_close")
public func exz_canceler_close(_ c: exz_canceler) -> exz_status {
    status { () throws(ZMQSocketError) in try Canceler.close(c.id) }
}

/// For what a signal handler may call: whatever it has interrupted may be about to read errno.
func keepingErrno(_ body: () -> Code) -> exz_status {
    let number = errno
    defer { errno = number }
    return ThreadCancellation.heldInHandler(body).rawValue
}
