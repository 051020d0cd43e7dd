// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ
import ExperimanceZMQ

/// The calls of the Python package that are made for every message, as functions of the interpreter's own kind.
///
/// ctypes takes a quarter of a microsecond to turn the arguments of a call into C's, more than libzmq takes to send a
/// message. These take Python's objects as they are. Those that send never wait and keep the interpreter's lock: they
/// send what is short and has room, and leave all else to the package's usual way, as if nothing had been tried.
///
/// `self` is the number of the socket.
enum PythonCalls {
    /// Copying more than that would keep other threads of Python waiting.
    private static let largestMessage = 4096
    /// The most messages of one call, for the same reason.
    private static let mostMessages = 512
    /// The same where the lock is given up, so that a list of them is not long.
    private static let mostWaiting = 4096

    /// What `send` and `publish` answer: 0 for a message that is sent, 1 for one that is left, 2 for one that is left
    /// because there is no room for it now.
    private static func answer(_ code: ZMQSocketError.Code) -> Int {
        code == .ok ? 0 : code == .timeout ? 2 : 1
    }

    /// send(data: bytes) -> what became of it.
    static let send: PythonFunction.OneArgument = { socket, data in
        guard let python = PythonInterface.ofProcess else { return nil }
        PythonLoans.takeBack()
        guard let bytes = unsafe python.bytes(of: data) else { return python.int(1) }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        guard bytes.count < largestMessage else {
            // Nothing is copied of what is very long; what is in between takes its time.
            guard bytes.count >= PythonLoans.largeSize else { return python.int(1) }
            return unsafe PythonLoans.trySend(data, to: handle, python).flatMap { python.int(answer($0)) }
        }
        return unsafe python.int(answer(handle.send(bytes.baseAddress, bytes.count, timeout: 0, isTry: true)))
    }

    /// send_parts(parts: tuple[bytes, …]) -> what became of the message.
    static let sendParts: PythonFunction.OneArgument = { socket, parts in
        guard let python = PythonInterface.ofProcess else { return nil }
        PythonLoans.takeBack()
        guard let count = unsafe python.count(ofTuple: parts), count > 0, count <= mostMessages else {
            return python.int(1)
        }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        guard count == 2 else {
            guard let all = unsafe python.bytes(ofTuple: parts),
                unsafe all.allSatisfy({ $0.count < largestMessage })
            else { return python.int(1) }
            return unsafe python.int(answer(handle.send(parts: all, timeout: 0, isTry: true)))
        }
        guard let first = unsafe python.bytes(of: python.item(0, ofTuple: parts)), first.count < largestMessage,
            let last = unsafe python.bytes(of: python.item(1, ofTuple: parts)), last.count < largestMessage
        else { return python.int(1) }
        return unsafe python.int(answer(handle.send(first, last, timeout: 0, isTry: true)))
    }

    /// publish(topic: str, payload: bytes) -> what became of it.
    static let publish: PythonFunction.Arguments = { socket, arguments, count in
        guard let python = PythonInterface.ofProcess else { return nil }
        PythonLoans.takeBack()
        guard count == 2, let arguments = unsafe arguments, let topic = unsafe python.utf8(of: arguments[0]),
            let payload = unsafe python.bytes(of: arguments[1]), topic.count < largestMessage,
            payload.count < largestMessage
        else { return python.int(1) }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        return unsafe python.int(answer(handle.publish(topic: topic, payload, timeout: 0, isTry: true)))
    }

    /// send_many(messages: tuple[bytes, …], first: int) -> the index of the first one that is left to send. Sends
    /// nothing if `first` is 0 and they are not all bytes.
    static let sendMany: PythonFunction.Arguments = { socket, arguments, count in
        guard let python = PythonInterface.ofProcess else { return nil }
        PythonLoans.takeBack()
        guard count == 2, let arguments = unsafe arguments, let total = unsafe python.count(ofTuple: arguments[0]),
            let first = unsafe python.count(arguments[1])
        else { return python.int(0) }
        let messages = unsafe arguments[0]
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        if first == 0 {
            for index in 0..<total where unsafe python.bytes(of: python.item(index, ofTuple: messages)) == nil {
                return python.int(0)
            }
        }
        var next = first
        while next < total, next - first < mostMessages {
            guard let bytes = unsafe python.bytes(of: python.item(next, ofTuple: messages)),
                bytes.count < largestMessage,
                unsafe handle.send(bytes.baseAddress, bytes.count, timeout: 0, isTry: true) == .ok
            else { break }
            next += 1
        }
        return python.int(next)
    }

    /// send_rest(messages: tuple[bytes, …], first: int, timeout_ms: int) -> the status, and the index of the first one
    /// that is left to send. Waits for room. Sends as many as `mostWaiting`, and none from one on that is to be lent.
    static let sendRest: PythonFunction.Arguments = { socket, arguments, count in
        guard let python = PythonInterface.ofProcess else { return nil }
        PythonLoans.takeBack()
        guard count == 3, let arguments = unsafe arguments, let total = unsafe python.count(ofTuple: arguments[0]),
            let first = unsafe python.count(arguments[1]), first <= total,
            let milliseconds = unsafe python.count(arguments[2])
        else { return unsafe python.tuple(python.int(Int(ZMQSocketError.Code.invalid.rawValue)), python.int(0)) }
        var messages: [UnsafeRawBufferPointer] = unsafe []
        for index in first..<(first + min(total - first, mostWaiting)) {
            guard let bytes = unsafe python.bytes(of: python.item(index, ofTuple: arguments[0])),
                bytes.count < PythonLoans.largeSize
            else { break }
            unsafe messages.append(bytes)
        }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        var sent = 0
        let code = python.withoutLock {
            unsafe handle.sendMany(messages, sent: &sent, timeout: Int32(clamping: milliseconds))
        }
        return unsafe python.tuple(python.int(Int(code.rawValue)), python.int(first + sent))
    }
}
