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
    return finished(s.handle.send(data, size, timeout: timeout_ms))
}

@implementation @_cdecl("exz_recv")
public func exz_recv(
    _ size: UnsafeMutablePointer<Int>!,
    _ s: exz_socket,
    _ buffer: UnsafeMutableRawPointer!,
    _ capacity: Int,
    _ timeout_ms: Int32
) -> exz_status {
    guard let size else { return failed(.invalid) }
    return finished(s.handle.receive(into: buffer, capacity: capacity, size: &size.pointee, timeout: timeout_ms))
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
    guard let sent, let sizes, count > 0 else { return failed(.invalid) }
    let all = UnsafeBufferPointer(start: sizes, count: count)
    return answer { s.handle.sendMany(data, sizes: all, sent: &sent.pointee, timeout: timeout_ms) }
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
    guard let count, let sizes, max_count > 0, capacity >= 0, buffer != nil || capacity == 0 else {
        return failed(.invalid)
    }
    return answer {
        s.handle.receiveMany(
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
        guard let parts, count > 0 else { throw .invalid("there are no parts") }
        // The list of them is had twice: as buffers and as libzmq's messages, of 64 bytes each.
        guard Memory.isThere(count.multipliedReportingOverflow(by: 128).partialValue), count < 1 << 48 else {
            throw ZMQSocketError(.noMemory)
        }
        var buffers: [UnsafeRawBufferPointer] = []
        buffers.reserveCapacity(min(count, 64))
        for part in UnsafeBufferPointer(start: parts, count: count) {
            buffers.append(try bytes(part.data, part.size, "part"))
        }
        let code = s.handle.send(parts: buffers, timeout: timeout_ms)
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
        guard let release else { return .invalid }
        return s.handle.send(lent: data, size, user: user, release: release, timeout: timeout_ms)
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
    guard let data else {
        guard size == 0 else { throw .invalid("\(name) is NULL") }
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return UnsafeRawBufferPointer(start: data, count: size)
}

@implementation @_cdecl("exz_recv_parts")
public func exz_recv_parts(
    _ count: UnsafeMutablePointer<Int>!,
    _ s: exz_socket,
    _ buffers: UnsafeMutablePointer<exz_buffer>!,
    _ max_count: Int,
    _ timeout_ms: Int32
) -> exz_status {
    guard let count, let buffers, max_count > 0 else { return failed(.invalid) }
    let all = UnsafeMutableBufferPointer(start: buffers, count: max_count)
    guard all.allSatisfy({ $0.capacity >= 0 && ($0.data != nil || $0.capacity == 0) }) else {
        return failed(.invalid)
    }
    return answer {
        s.handle.receive(timeout: timeout_ms) { message in
            count.pointee = message.partCount
            var doFit = message.partCount <= all.count
            for index in 0..<min(message.partCount, all.count) {
                all[index].size = message.withPart(index) { $0.count } ?? 0
                doFit = doFit && all[index].size <= all[index].capacity
            }
            guard doFit else { return .tooSmall }
            for index in 0..<message.partCount {
                message.withPart(index) { bytes in
                    if let base = bytes.baseAddress { all[index].data?.copyMemory(from: base, byteCount: bytes.count) }
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
        guard let out else { throw .invalid("out is NULL") }
        guard messages.hasRoom else { throw ZMQSocketError(.limit, message: "too many messages are not freed") }
        let message = try s.handle.receiveMessage(timeout: timeout_ms)
        do throws(ZMQSocketError) {
            out.pointee = exz_message(id: try messages.insert(MessageBox(message)))
        } catch {
            throw s.handle.giveBack(message, error.code)
        }
    }
}

@implementation @_cdecl("exz_message_count")
public func exz_message_count(_ count: UnsafeMutablePointer<Int>!, _ m: exz_message) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let count else { throw .invalid("count is NULL") }
        count.pointee = try messages.value(of: m.id).partCount
    }
}

@implementation @_cdecl("exz_message_part")
public func exz_message_part(
    _ data: UnsafeMutablePointer<UnsafeRawPointer?>!,
    _ size: UnsafeMutablePointer<Int>!,
    _ m: exz_message,
    _ index: Int
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let data, let size else { throw .invalid("data or size is NULL") }
        let bytes = try messages.value(of: m.id).bytes(ofPart: index)
        data.pointee = bytes.baseAddress
        size.pointee = bytes.count
    }
}

@implementation @_cdecl("exz_message_view")
public func exz_message_view(
    _ data: UnsafeMutablePointer<UnsafeRawPointer?>!,
    _ size: UnsafeMutablePointer<Int>!,
    _ m: exz_message,
    _ index: Int
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let data, let size else { throw .invalid("data or size is NULL") }
        let bytes = try messages.value(of: m.id).view(ofPart: index)
        data.pointee = bytes.baseAddress
        size.pointee = bytes.count
    }
}

@implementation @_cdecl("exz_message_property")
public func exz_message_property(
    _ buffer: UnsafeMutablePointer<CChar>!,
    _ capacity: Int,
    _ m: exz_message,
    _ name: UnsafePointer<CChar>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let name, capacity >= 0, buffer != nil || capacity == 0 else {
            throw .invalid("name or buffer is NULL")
        }
        guard let property = SenderProperty.allCases.first(where: { strcmp(name, $0.name.cString) == 0 }) else {
            throw .invalid("there is no property of that name")
        }
        let room = UnsafeMutableRawBufferPointer(start: buffer, count: capacity)
        try messages.value(of: m.id).copy(property, into: room)
    }
}

@implementation @_cdecl("exz_message_free")
public func exz_message_free(_ m: exz_message) -> exz_status {
    status { () throws(ZMQSocketError) in
        if m.id != 0 { _ = try messages.remove(m.id) }
    }
}
