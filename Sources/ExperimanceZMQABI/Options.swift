// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

@implementation @_cdecl("exz_socket_set_options")
public func exz_socket_set_options(
    _ s: exz_socket,
    _ options: UnsafePointer<exz_socket_options>!,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe status(err) { () throws(ZMQSocketError) in try unsafe s.handle.set(ZMQSocketOptions(options)) }
}

@implementation @_cdecl("exz_socket_set_int")
public func exz_socket_set_int(_ s: exz_socket, _ option: Int32, _ value: Int64) -> exz_status {
    status { () throws(ZMQSocketError) in try s.handle.set(option: option, to: value) }
}

@implementation @_cdecl("exz_socket_get_int")
public func exz_socket_get_int(_ value: UnsafeMutablePointer<Int64>!, _ s: exz_socket, _ option: Int32) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let value = unsafe value else { throw .invalid("value is NULL") }
        unsafe value.pointee = try s.handle.get(option: option)
    }
}

@implementation @_cdecl("exz_socket_set_bytes")
public func exz_socket_set_bytes(
    _ s: exz_socket,
    _ option: Int32,
    _ data: UnsafeRawPointer!,
    _ size: Int
) -> exz_status {
    status { () throws(ZMQSocketError) in try unsafe s.handle.set(option: option, to: bytes(data, size, "data")) }
}

@implementation @_cdecl("exz_socket_get_bytes")
public func exz_socket_get_bytes(
    _ size: UnsafeMutablePointer<Int>!,
    _ s: exz_socket,
    _ option: Int32,
    _ buffer: UnsafeMutableRawPointer!,
    _ capacity: Int
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let size = unsafe size else { throw .invalid("size is NULL") }
        let room = try unsafe room(buffer, capacity)
        unsafe size.pointee = try s.handle.get(option: option, into: room)
        guard unsafe size.pointee <= capacity else { throw ZMQSocketError(.tooSmall) }
    }
}

/// A buffer passed in; empty may be NULL.
func room(_ buffer: UnsafeMutableRawPointer?, _ capacity: Int) throws(ZMQSocketError) -> UnsafeMutableRawBufferPointer {
    guard capacity >= 0, unsafe buffer != nil || capacity == 0 else { throw .invalid("there is no buffer") }
    return unsafe UnsafeMutableRawBufferPointer(start: buffer, count: buffer == nil ? 0 : capacity)
}
