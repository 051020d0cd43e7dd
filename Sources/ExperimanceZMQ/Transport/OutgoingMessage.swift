// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import LibC

/// A message of several parts on its way into libzmq: all of it or nothing.
///
/// The memory of every part is had before libzmq sees the first, as there is no way to take a part back. Once libzmq
/// has taken the first part it takes the others too, unless the pipe they go to ends in between: then it drops what it
/// has and wants to see the rest of the message before the next.
enum OutgoingMessage {
    /// Up to here a second copy of a message that has to wait costs nothing that matters.
    static let shortSize = 2_048

    /// Sends two parts. Negative, with errno, if the message was not taken.
    @inline(__always)
    static func send(_ first: UnsafeRawBufferPointer, _ last: UnsafeRawBufferPointer, to socket: RawSocket) -> Int32 {
        var payload = zmq_msg_t()
        guard unsafe fill(&payload, with: last) else { return -1 }
        let status = unsafe ZMQ.send(socket, first.baseAddress, first.count, more: true)
        if status >= 0, unsafe sendNext(&payload, to: socket, more: false) { return 0 }
        return failed { unsafe zmq_msg_close(&payload) }
    }

    /// Sends any number of parts. Negative, with errno, if the message was not taken.
    static func send(_ parts: [UnsafeRawBufferPointer], to socket: RawSocket) -> Int32 {
        unsafe withUnsafeTemporaryAllocation(of: zmq_msg_t.self, capacity: parts.count) { messages in
            guard let base = messages.baseAddress else { return 0 }
            for index in unsafe 0..<parts.count where unsafe !fill(base + index, with: parts[index]) {
                return failed { unsafe close(base, count: index) }
            }
            let status = unsafe send(messages, to: socket)
            if status < 0 { failed { unsafe close(base, count: parts.count) } }
            return status
        }
    }

    /// Sends the parts, which are empty then. Negative, with errno, if the message was not taken: what had been sent of
    /// it is empty as well, also with `EAGAIN`, where its pipe ended between two parts.
    static func send(_ parts: UnsafeMutableBufferPointer<zmq_msg_t>, to socket: RawSocket) -> Int32 {
        guard let messages = parts.baseAddress else { return 0 }
        guard unsafe ZMQ.send(socket, message: messages, more: parts.count > 1) >= 0 else { return -1 }
        for index in 1..<parts.count where unsafe !sendNext(messages + index, to: socket, more: index + 1 < parts.count)
        {
            return failed {
                // libzmq drops the rest without a word.
                for rest in (index + 1)..<parts.count {
                    _ = unsafe sendNext(messages + rest, to: socket, more: rest + 1 < parts.count)
                }
            }
        }
        return 0
    }

    /// Sends the parts, of which nothing changes if the message was not taken.
    ///
    /// - Parameter copies: room for as many.
    static func send(
        keeping parts: UnsafeMutableBufferPointer<zmq_msg_t>,
        _ copies: UnsafeMutablePointer<zmq_msg_t>,
        to socket: RawSocket
    ) -> Int32 {
        guard let messages = parts.baseAddress, parts.count > 1 else { return unsafe send(parts, to: socket) }
        for index in 0..<parts.count {
            unsafe zmq_msg_init(copies + index)
            // Only of what is no message does it fail.
            unsafe zmq_msg_copy(copies + index, messages + index)
        }
        let status = unsafe send(UnsafeMutableBufferPointer(start: copies, count: parts.count), to: socket)
        if status < 0 { failed { unsafe close(copies, count: parts.count) } }
        return status
    }

    /// Sends frames that lie one behind the other, as ``send(_:to:)``.
    static func send(_ frames: UnsafeMutablePointer<Frame>, count: Int, to socket: RawSocket) -> Int32 {
        // A frame is a message of libzmq's and nothing else.
        unsafe frames.withMemoryRebound(to: zmq_msg_t.self, capacity: count) { messages in
            unsafe send(UnsafeMutableBufferPointer(start: messages, count: count), to: socket)
        }
    }

    /// Sends a part after the first.
    @inline(__always)
    private static func sendNext(_ message: UnsafeMutablePointer<zmq_msg_t>, to socket: RawSocket, more: Bool) -> Bool {
        unsafe ZMQ.send(socket, message: message, more: more) >= 0
    }

    @inline(__always)
    static func fill(_ message: UnsafeMutablePointer<zmq_msg_t>, with bytes: UnsafeRawBufferPointer) -> Bool {
        guard unsafe zmq_msg_init_size(message, bytes.count) == 0 else { return false }
        if let data = bytes.baseAddress { unsafe zmq_msg_data(message)?.copyMemory(from: data, byteCount: bytes.count) }
        return true
    }

    /// Closes messages, those that libzmq has taken over included: they are empty.
    static func close(_ messages: UnsafeMutablePointer<zmq_msg_t>, count: Int) {
        for index in 0..<count { unsafe zmq_msg_close(messages + index) }
    }

    /// Tidies up without losing the errno of what failed.
    @discardableResult
    private static func failed(_ tidyUp: () -> Void) -> Int32 {
        let number = errno
        tidyUp()
        errno = number
        return -1
    }
}
