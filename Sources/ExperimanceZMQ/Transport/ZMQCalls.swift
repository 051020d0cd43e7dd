// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import Glibc

/// A libzmq socket, as libzmq hands it out.
typealias RawSocket = UnsafeMutableRawPointer

/// Every call into libzmq, each with its errno captured beside it, before anything else can overwrite it.
///
/// A function here answers 0 or an errno, or a count with -1 for "look at errno" on the two calls of the hot path.
/// None of them waits: sends and receives carry `ZMQ_DONTWAIT`, so that every wait is the engine's own.
enum ZMQ {
    // MARK: Contexts

    static func newContext() -> UnsafeMutableRawPointer? { zmq_ctx_new() }

    static func set(context: UnsafeMutableRawPointer, option: Int32, to value: Int32) -> Int32 {
        zmq_ctx_set(context, option, value) == 0 ? 0 : errno
    }

    /// Waits for the sockets of the context; call it only once they are gone.
    static func terminate(context: UnsafeMutableRawPointer) {
        while zmq_ctx_term(context) != 0, errno == EINTR {}
    }

    static var version: (major: Int32, minor: Int32, patch: Int32) {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        zmq_version(&major, &minor, &patch)
        return (major, minor, patch)
    }

    // MARK: Sockets

    static func newSocket(_ context: UnsafeMutableRawPointer, type: Int32) -> (socket: RawSocket?, error: Int32) {
        let socket = zmq_socket(context, type)
        return (socket, socket == nil ? errno : 0)
    }

    static func close(_ socket: RawSocket) {
        _ = zmq_close(socket)
    }

    static func bind(_ socket: RawSocket, _ endpoint: String) -> Int32 {
        zmq_bind(socket, endpoint) == 0 ? 0 : errno
    }

    static func unbind(_ socket: RawSocket, _ endpoint: String) -> Int32 {
        zmq_unbind(socket, endpoint) == 0 ? 0 : errno
    }

    static func connect(_ socket: RawSocket, _ endpoint: String) -> Int32 {
        zmq_connect(socket, endpoint) == 0 ? 0 : errno
    }

    static func disconnect(_ socket: RawSocket, _ endpoint: String) -> Int32 {
        zmq_disconnect(socket, endpoint) == 0 ? 0 : errno
    }

    /// Starts reporting the socket's events at an inproc endpoint.
    static func monitor(_ socket: RawSocket, _ endpoint: String, events: Int32) -> Int32 {
        zmq_socket_monitor(socket, endpoint, events) == 0 ? 0 : errno
    }

    /// Ends the reporting; its last event goes to the reading end, which has to be there still.
    static func endMonitor(_ socket: RawSocket) {
        _ = zmq_socket_monitor(socket, nil, 0)
    }

    // MARK: Options

    static func set(_ socket: RawSocket, option: Int32, to value: Int32) -> Int32 {
        var value = value
        return zmq_setsockopt(socket, option, &value, MemoryLayout<Int32>.size) == 0 ? 0 : errno
    }

    static func set(_ socket: RawSocket, option: Int32, to value: Int64) -> Int32 {
        var value = value
        return zmq_setsockopt(socket, option, &value, MemoryLayout<Int64>.size) == 0 ? 0 : errno
    }

    static func set(_ socket: RawSocket, option: Int32, to bytes: UnsafeRawBufferPointer) -> Int32 {
        zmq_setsockopt(socket, option, bytes.baseAddress, bytes.count) == 0 ? 0 : errno
    }

    static func set(_ socket: RawSocket, option: Int32, to text: String) -> Int32 {
        var text = text
        return text.withUTF8 { set(socket, option: option, to: UnsafeRawBufferPointer($0)) }
    }

    static func get(_ socket: RawSocket, option: Int32, into buffer: UnsafeMutableRawPointer, size: inout Int) -> Int32
    {
        zmq_getsockopt(socket, option, buffer, &size) == 0 ? 0 : errno
    }

    static func getInt32(_ socket: RawSocket, option: Int32) -> Int32? {
        var value: Int32 = 0
        var size = MemoryLayout<Int32>.size
        return zmq_getsockopt(socket, option, &value, &size) == 0 ? value : nil
    }

    static func getString(_ socket: RawSocket, option: Int32) -> String? {
        var size = 1024
        return withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { buffer -> String? in
            guard zmq_getsockopt(socket, option, buffer.baseAddress, &size) == 0, size > 0 else { return nil }
            return String(decoding: buffer[..<(size - 1)], as: UTF8.self)
        }
    }

    /// Lets the socket work through its commands (new pipes, ended pipes, arrived messages) and says what it can do
    /// now. Nil when the socket can not answer any more.
    static func events(_ socket: RawSocket) -> Interest? {
        while true {
            if let events = getInt32(socket, option: ZMQ_EVENTS) {
                // `readable` and `writable` have the numbers of ZMQ_POLLIN and ZMQ_POLLOUT.
                return Interest(rawValue: UInt8(truncatingIfNeeded: events)).intersection([.readable, .writable])
            }
            guard errno == EINTR else { return nil }
        }
    }

    // MARK: Messages

    /// Copies the bytes into a new message of the socket. The number of bytes, or -1 with errno.
    @inline(__always)
    static func send(_ socket: RawSocket, _ data: UnsafeRawPointer?, _ size: Int, more: Bool = false) -> Int32 {
        zmq_send(socket, data, size, more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT)
    }

    /// Moves the message into the socket. The number of bytes, or -1 with errno and the message still the caller's.
    static func send(_ socket: RawSocket, message: UnsafeMutablePointer<zmq_msg_t>, more: Bool = false) -> Int32 {
        zmq_msg_send(message, socket, more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT)
    }

    /// Receives into `message`, whose former content is released. The number of bytes, or -1 with errno.
    @inline(__always)
    static func receive(_ socket: RawSocket, into message: UnsafeMutablePointer<zmq_msg_t>) -> Int {
        size(of: message, answered: zmq_msg_recv(message, socket, ZMQ_DONTWAIT))
    }

    /// What a receive comes to: libzmq answers in 31 bits, with the largest number for all sizes beyond it.
    @inline(__always)
    static func size(of message: UnsafePointer<zmq_msg_t>, answered answer: Int32) -> Int {
        // One comparison for failures and for the largest number: as an unsigned one a failure is larger still.
        guard UInt32(bitPattern: answer) >= UInt32(Int32.max) else { return Int(answer) }
        return answer < 0 ? -1 : zmq_msg_size(message)
    }
}
