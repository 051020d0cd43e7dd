// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

let cancelers: HandleTable<Canceler> = HandleTable(kind: 0x58) { _ = cancelers }

@implementation @_cdecl("exz_canceler_open")
public func exz_canceler_open(_ out: UnsafeMutablePointer<exz_canceler>!) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out else { throw .invalid("out is NULL") }
        out.pointee = exz_canceler(id: try cancelers.insert(Canceler()))
    }
}

@implementation @_cdecl("exz_canceler_attach")
public func exz_canceler_attach(_ c: exz_canceler) -> exz_status {
    status { () throws(ZMQSocketError) in
        Canceler.attach(c.id == 0 ? nil : try cancelers.value(of: c.id))
    }
}

@implementation @_cdecl("exz_canceler_cancel")
public func exz_canceler_cancel(_ c: exz_canceler) -> exz_status {
    status { () throws(ZMQSocketError) in try cancelers.value(of: c.id).cancel() }
}

@implementation @_cdecl("exz_canceler_reset")
public func exz_canceler_reset(_ c: exz_canceler) -> exz_status {
    status { () throws(ZMQSocketError) in try cancelers.value(of: c.id).reset() }
}

@implementation @_cdecl("exz_canceler_close")
public func exz_canceler_close(_ c: exz_canceler) -> exz_status {
    status { () throws(ZMQSocketError) in _ = try cancelers.remove(c.id) }
}
