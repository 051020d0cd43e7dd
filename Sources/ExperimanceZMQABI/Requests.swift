// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

@implementation @_cdecl("exz_request")
public func exz_request(
    _ size: UnsafeMutablePointer<Int>!,
    _ s: exz_socket,
    _ data: UnsafeRawPointer!,
    _ n: Int,
    _ buffer: UnsafeMutableRawPointer!,
    _ capacity: Int,
    _ timeout_ms: Int32,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe request(size, s, data, n, buffer, capacity, timeout_ms, err, isIdempotent: false)
}

@implementation @_cdecl("exz_request_idempotent")
public func exz_request_idempotent(
    _ size: UnsafeMutablePointer<Int>!,
    _ s: exz_socket,
    _ data: UnsafeRawPointer!,
    _ n: Int,
    _ buffer: UnsafeMutableRawPointer!,
    _ capacity: Int,
    _ timeout_ms: Int32,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe request(size, s, data, n, buffer, capacity, timeout_ms, err, isIdempotent: true)
}

private func request(
    _ size: UnsafeMutablePointer<Int>?,
    _ s: exz_socket,
    _ data: UnsafeRawPointer?,
    _ count: Int,
    _ buffer: UnsafeMutableRawPointer?,
    _ capacity: Int,
    _ timeout: Int32,
    _ details: UnsafeMutablePointer<exz_error>?,
    isIdempotent: Bool
) -> exz_status {
    unsafe status(details) { () throws(ZMQSocketError) in
        guard let size = unsafe size else { throw .invalid("size is NULL") }
        let room = try unsafe room(buffer, capacity)
        var needed = 0
        do throws(ZMQSocketError) {
            try unsafe s.handle.request(
                bytes(data, count, "data"),
                isIdempotent: isIdempotent,
                into: room,
                size: &needed,
                timeout: timeout
            )
        } catch {
            if error.code == .tooSmall { unsafe size.pointee = needed }
            throw error
        }
        unsafe size.pointee = needed
    }
}
