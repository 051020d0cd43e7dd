// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ
import LibC

/// The bytes of a topic, without its NUL; nil for NULL.
private func topicBytes(_ topic: UnsafePointer<CChar>?) -> UnsafeRawBufferPointer? {
    unsafe topic.map { unsafe UnsafeRawBufferPointer(start: $0, count: strlen($0)) }
}

/// More bytes than a process has addresses for.
private let impossibleSize = 1 << 48

/// So many bytes; nil for NULL, where there are to be some, and for more than there can be.
private func bytes(_ data: UnsafeRawPointer?, _ size: Int) -> UnsafeRawBufferPointer? {
    guard 0..<impossibleSize ~= size, unsafe data != nil || size == 0 else { return nil }
    return unsafe UnsafeRawBufferPointer(start: data, count: size)
}

@implementation @_cdecl("exz_publish")
public func exz_publish(
    _ s: exz_socket,
    _ topic: UnsafePointer<CChar>!,
    _ data: UnsafeRawPointer!,
    _ size: Int,
    _ timeout_ms: Int32
) -> exz_status {
    guard let topic = unsafe topicBytes(topic), let payload = unsafe bytes(data, size) else { return failed(.invalid) }
    return unsafe finished(s.handle.publish(topic: topic, payload, timeout: timeout_ms, isTry: false))
}

@implementation @_cdecl("exz_publish_bytes")
public func exz_publish_bytes(
    _ s: exz_socket,
    _ topic: UnsafeRawPointer!,
    _ topic_size: Int,
    _ data: UnsafeRawPointer!,
    _ size: Int,
    _ timeout_ms: Int32
) -> exz_status {
    guard let topic = unsafe bytes(topic, topic_size), let payload = unsafe bytes(data, size) else {
        return failed(.invalid)
    }
    return unsafe finished(s.handle.publish(topic: topic, payload, timeout: timeout_ms, isTry: false))
}

@implementation @_cdecl("exz_subscribe")
public func exz_subscribe(_ s: exz_socket, _ topic: UnsafePointer<CChar>!) -> exz_status {
    guard let topic = unsafe topicBytes(topic) else { return failed(.invalid) }
    return answer { unsafe s.handle.subscribe(topic) }
}

@implementation @_cdecl("exz_unsubscribe")
public func exz_unsubscribe(_ s: exz_socket, _ topic: UnsafePointer<CChar>!) -> exz_status {
    guard let topic = unsafe topicBytes(topic) else { return failed(.invalid) }
    return answer { unsafe s.handle.unsubscribe(topic) }
}

@implementation @_cdecl("exz_recv_published")
public func exz_recv_published(
    _ count: UnsafeMutablePointer<Int>!,
    _ s: exz_socket,
    _ buffer: UnsafeMutableRawPointer!,
    _ capacity: Int,
    _ sizes: UnsafeMutablePointer<Int>!,
    _ max_count: Int,
    _ timeout_ms: Int32
) -> exz_status {
    guard let count = unsafe count, let sizes = unsafe sizes, max_count > 0, max_count <= Int.max / 2, capacity >= 0,
        unsafe buffer != nil || capacity == 0
    else { return failed(.invalid) }
    return answer {
        unsafe s.handle.receivePublished(
            into: UnsafeMutableRawBufferPointer(start: buffer, count: buffer == nil ? 0 : capacity),
            sizes: UnsafeMutableBufferPointer(start: sizes, count: 2 * max_count),
            count: &count.pointee,
            timeout: timeout_ms
        )
    }
}

@implementation @_cdecl("exz_wait_subscribers")
public func exz_wait_subscribers(
    _ s: exz_socket,
    _ topic: UnsafePointer<CChar>!,
    _ count: UInt32,
    _ timeout_ms: Int32
) -> exz_status {
    guard let topic = unsafe topicBytes(topic) else { return failed(.invalid) }
    return answer { unsafe s.handle.waitSubscribers(topic, count: Int(count), timeout: timeout_ms) }
}

@implementation @_cdecl("exz_wait_subscribers_bytes")
public func exz_wait_subscribers_bytes(
    _ s: exz_socket,
    _ topic: UnsafeRawPointer!,
    _ topic_size: Int,
    _ count: UInt32,
    _ timeout_ms: Int32
) -> exz_status {
    guard let topic = unsafe bytes(topic, topic_size) else { return failed(.invalid) }
    return answer { unsafe s.handle.waitSubscribers(topic, count: Int(count), timeout: timeout_ms) }
}

@implementation @_cdecl("exz_wait_subscribed")
public func exz_wait_subscribed(_ s: exz_socket, _ timeout_ms: Int32) -> exz_status {
    answer { s.handle.waitSubscribed(timeout: timeout_ms) }
}
