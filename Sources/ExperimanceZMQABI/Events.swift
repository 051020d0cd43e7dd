// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

@implementation @_cdecl("exz_next_event")
public func exz_next_event(_ out: UnsafeMutablePointer<exz_event>!, _ s: exz_socket, _ timeout_ms: Int32) -> exz_status
{
    status { () throws(ZMQSocketError) in
        guard let out else { throw .invalid("out is NULL") }
        try checkSize(of: out, "exz_event", hint: "EXZ_EVENT_INIT")
        let event = try s.handle.nextEvent(timeout: timeout_ms)
        out.pointee.kind = event.kind.rawValue
        out.pointee.time_ns = event.monotonicNanoseconds
        out.pointee.status = (event.code ?? .ok).rawValue
        out.pointee.sys_errno = event.systemErrno ?? 0
        out.pointee.attempt = UInt32(clamping: event.attempt ?? 0)
        out.pointee.delay_ms = Int32(clamping: (event.delay ?? .zero).roundedUpMilliseconds)
        out.pointee.count = UInt32(clamping: event.count ?? 0)
        out.pointee.topic_size = UInt32(clamping: event.topicSize ?? 0)
        copy(event.topic ?? [], to: \.topic, of: out)
        copy((event.endpoint ?? "").utf8, to: \.endpoint, of: out)
        copy((event.message ?? "").utf8, to: \.message, of: out)
    }
}

@implementation @_cdecl("exz_event_name")
public func exz_event_name(_ kind: exz_event_kind) -> UnsafePointer<CChar>! {
    (ZMQEvent.Kind(rawValue: kind)?.staticName ?? "unknown").cString
}
