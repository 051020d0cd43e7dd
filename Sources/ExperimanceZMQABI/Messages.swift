// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ
import LibC

@implementation @_cdecl("exz_send")
public func exz_send(
    _ s: exz_socket,
    _ data: UnsafeRawPointer!,
    _ size: Int,
    _ flags: UInt32,
    _ timeout_ms: Int32
) -> exz_status {
    guard flags == 0 else { return failed(.invalid) }
    return unsafe finished(s.handle.send(data, size, timeout: timeout_ms, isTry: false))
}

@implementation @_cdecl("exz_recv")
public func exz_recv(
    _ size: UnsafeMutablePointer<Int>!,
    _ s: exz_socket,
    _ buffer: UnsafeMutableRawPointer!,
    _ capacity: Int,
    _ timeout_ms: Int32
) -> exz_status {
    guard let size = unsafe size else { return failed(.invalid) }
    return unsafe finished(s.handle.receive(into: buffer, capacity: capacity, size: &size.pointee, timeout: timeout_ms))
}

@implementation @_cdecl("exz_send_many")
public func exz_send_many(
    _ sent: UnsafeMutablePointer<Int>!,
    _ s: exz_socket,
    _ data: UnsafeRawPointer!,
    _ sizes: UnsafePointer<Int>!,
    _ count: Int,
    _ timeout_ms: Int32
) -> exz_status {
    guard let sent = unsafe sent, let sizes = unsafe sizes, count > 0 else { return failed(.invalid) }
    let all = unsafe UnsafeBufferPointer(start: sizes, count: count)
    return answer { unsafe s.handle.sendMany(data, sizes: all, sent: &sent.pointee, timeout: timeout_ms) }
}

@implementation @_cdecl("exz_recv_many")
public func exz_recv_many(
    _ count: UnsafeMutablePointer<Int>!,
    _ s: exz_socket,
    _ buffer: UnsafeMutableRawPointer!,
    _ capacity: Int,
    _ sizes: UnsafeMutablePointer<Int>!,
    _ max_count: Int,
    _ timeout_ms: Int32
) -> exz_status {
    guard let count = unsafe count, let sizes = unsafe sizes, max_count > 0, capacity >= 0,
        unsafe buffer != nil || capacity == 0
    else {
        return failed(.invalid)
    }
    return answer {
        unsafe s.handle.receiveMany(
            into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity),
            sizes: UnsafeMutableBufferPointer(start: sizes, count: max_count),
            count: &count.pointee,
            timeout: timeout_ms
        )
    }
}

@implementation @_cdecl("exz_send_parts")
public func exz_send_parts(
    _ s: exz_socket,
    _ parts: UnsafePointer<exz_part>!,
    _ count: Int,
    _ timeout_ms: Int32
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let parts = unsafe parts, count > 0 else { throw .invalid("there are no parts") }
        // The list of them is had twice: as buffers and as libzmq's messages, of 64 bytes each.
        guard Memory.isThere(count.multipliedReportingOverflow(by: 128).partialValue), count < 1 << 48 else {
            throw ZMQSocketError(.noMemory)
        }
        var buffers: [UnsafeRawBufferPointer] = unsafe []
        unsafe buffers.reserveCapacity(min(count, 64))
        for place in 0..<count { try unsafe buffers.append(bytes(parts[place].data, parts[place].size, "part")) }
        let code = unsafe s.handle.send(parts: buffers, timeout: timeout_ms)
        guard code == .ok else { throw ZMQSocketError(code) }
    }
}

@implementation @_cdecl("exz_send_owned")
public func exz_send_owned(
    _ s: exz_socket,
    _ data: UnsafeMutableRawPointer!,
    _ size: Int,
    _ release: (@convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void)!,
    _ user: UnsafeMutableRawPointer!,
    _ timeout_ms: Int32
) -> exz_status {
    answer {
        guard let release = unsafe release else { return .invalid }
        return unsafe s.handle.send(lent: data, size, user: user, release: release, timeout: timeout_ms)
    }
}

@implementation @_cdecl("exz_send_message")
public func exz_send_message(_ s: exz_socket, _ m: exz_message, _ timeout_ms: Int32) -> exz_status {
    status { () throws(ZMQSocketError) in
        let box = try messages.value(of: m.id)
        let code = s.handle.send(try box.beginLeaving(), timeout: timeout_ms)
        guard code == .ok else {
            box.stay()
            throw ZMQSocketError(code)
        }
        _ = try messages.remove(m.id)
    }
}

/// A block of memory passed in; empty may be NULL.
func bytes(_ data: UnsafeRawPointer?, _ size: Int, _ name: String) throws(ZMQSocketError) -> UnsafeRawBufferPointer {
    guard size >= 0 else { throw .invalid("the size of \(name) is out of range") }
    guard let data = unsafe data else {
        guard size == 0 else { throw .invalid("\(name) is NULL") }
        return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return unsafe UnsafeRawBufferPointer(start: data, count: size)
}

@implementation @_cdecl("exz_recv_parts")
public func exz_recv_parts(
    _ count: UnsafeMutablePointer<Int>!,
    _ s: exz_socket,
    _ buffers: UnsafeMutablePointer<exz_buffer>!,
    _ max_count: Int,
    _ timeout_ms: Int32
) -> exz_status {
    guard let count = unsafe count, let buffers = unsafe buffers, max_count > 0 else { return failed(.invalid) }
    let all = unsafe UnsafeMutableBufferPointer(start: buffers, count: max_count)
    guard unsafe all.allSatisfy({ unsafe $0.capacity >= 0 && ($0.data != nil || $0.capacity == 0) }) else {
        return failed(.invalid)
    }
    return answer {
        s.handle.receive(timeout: timeout_ms) { message in
            unsafe count.pointee = message.partCount
            var doFit = message.partCount <= all.count
            for index in 0..<min(message.partCount, all.count) {
                unsafe all[index].size = message.withPart(index) { $0.count } ?? 0
                doFit = unsafe doFit && all[index].size <= all[index].capacity
            }
            guard doFit else { return .tooSmall }
            for index in 0..<message.partCount {
                message.withPart(index) { bytes in
                    if let base = bytes.baseAddress {
                        unsafe all[index].data?.copyMemory(from: base, byteCount: bytes.count)
                    }
                }
            }
            return .ok
        }
    }
}

@implementation @_cdecl("exz_recv_message")
public func exz_recv_message(
    _ out: UnsafeMutablePointer<exz_message>!,
    _ s: exz_socket,
    _ timeout_ms: Int32
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        guard messages.hasRoom else { throw ZMQSocketError(.limit, message: "too many messages are not freed") }
        let message = try s.handle.receiveMessage(timeout: timeout_ms)
        do throws(ZMQSocketError) {
            unsafe out.pointee = exz_message(id: try messages.insert(MessageBox(message)))
        } catch {
            throw s.handle.giveBack(message, error.code)
        }
    }
}

@implementation @_cdecl("exz_message_count")
public func exz_message_count(_ count: UnsafeMutablePointer<Int>!, _ m: exz_message) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let count = unsafe count else { throw .invalid("count is NULL") }
        unsafe count.pointee = try messages.value(of: m.id).partCount
    }
}

/// Where the bytes are that there are to be.
private func tell(
    _ data: UnsafeMutablePointer<UnsafeRawPointer?>?,
    _ size: UnsafeMutablePointer<Int>?,
    _ find: () throws(ZMQSocketError) -> UnsafeRawBufferPointer
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let data = unsafe data, let size = unsafe size else { throw .invalid("data or size is NULL") }
        let bytes = try unsafe find()
        unsafe data.pointee = bytes.baseAddress
        unsafe size.pointee = bytes.count
    }
}

@implementation @_cdecl("exz_message_part")
public func exz_message_part(
    _ data: UnsafeMutablePointer<UnsafeRawPointer?>!,
    _ size: UnsafeMutablePointer<Int>!,
    _ m: exz_message,
    _ index: Int
) -> exz_status {
    unsafe tell(data, size) { () throws(ZMQSocketError) in try unsafe messages.value(of: m.id).bytes(ofPart: index) }
}

@implementation @_cdecl("exz_message_view")
public func exz_message_view(
    _ data: UnsafeMutablePointer<UnsafeRawPointer?>!,
    _ size: UnsafeMutablePointer<Int>!,
    _ m: exz_message,
    _ index: Int
) -> exz_status {
    unsafe tell(data, size) { () throws(ZMQSocketError) in try unsafe messages.value(of: m.id).view(ofPart: index) }
}

@implementation @_cdecl("exz_message_property")
public func exz_message_property(
    _ buffer: UnsafeMutablePointer<CChar>!,
    _ capacity: Int,
    _ m: exz_message,
    _ name: UnsafePointer<CChar>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let name = unsafe name, capacity >= 0, unsafe buffer != nil || capacity == 0 else {
            throw .invalid("name or buffer is NULL")
        }
        guard let property = SenderProperty.allCases.first(where: { unsafe strcmp(name, $0.name.cString) == 0 }) else {
            throw .invalid("there is no property of that name")
        }
        let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: capacity)
        try unsafe messages.value(of: m.id).copy(property, into: room)
    }
}

@implementation @_cdecl("exz_message_free")
public func exz_message_free(_ m: exz_message) -> exz_status {
    status { () throws(ZMQSocketError) in
        if m.id != 0 { _ = try messages.remove(m.id) }
    }
}
