// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

@implementation @_cdecl("exz_next_event")
public func exz_next_event(_ out: UnsafeMutablePointer<exz_event>!, _ s: exz_socket, _ timeout_ms: Int32) -> exz_status
{
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        try unsafe checkSize(of: out, "exz_event", hint: "EXZ_EVENT_INIT")
        let event = try s.handle.nextEvent(timeout: timeout_ms)
        unsafe out.pointee.fill(with: event)
    }
}

@implementation @_cdecl("exz_event_name")
public func exz_event_name(_ kind: exz_event_kind) -> UnsafePointer<CChar>! {
    (ZMQEvent.Kind(rawValue: kind)?.staticName ?? "unknown").cString
}

extension exz_event {
    fileprivate mutating func fill(with event: ZMQEvent) {
        kind = event.kind.rawValue
        time_ns = event.monotonicNanoseconds
        status = (event.code ?? .ok).rawValue
        sys_errno = event.systemErrno ?? 0
        attempt = UInt32(clamping: event.attempt ?? 0)
        delay_ms = Int32(clamping: (event.delay ?? .zero).roundedUpMilliseconds)
        count = UInt32(clamping: event.count ?? 0)
        topic_size = UInt32(clamping: event.topicSize ?? 0)
        unsafe copy(event.topic ?? [], to: \.topic, of: &self)
        unsafe copy((event.endpoint ?? "").utf8, to: \.endpoint, of: &self)
        unsafe copy((event.message ?? "").utf8, to: \.message, of: &self)
        unsafe copy((event.peer ?? "").utf8, to: \.peer, of: &self)
        // A routing id has at most 255 bytes.
        identity_size = UInt32(clamping: event.identity?.count ?? 0)
        unsafe copy(event.identity ?? [], to: \.identity, of: &self)
        unsafe copy((event.userID ?? "").utf8, to: \.user_id, of: &self)
        unsafe copy((event.publicKey ?? "").utf8, to: \.public_key, of: &self)
    }
}
