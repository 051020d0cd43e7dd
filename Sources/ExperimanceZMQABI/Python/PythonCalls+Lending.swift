// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ
import ExperimanceZMQ

extension PythonCalls {
    /// send_lent(parts: tuple, shortest: int, timeout_ms: int) -> the status. Sends objects with the buffer protocol
    /// as the parts of a message. What is short is copied, and so are `bytes` that are shorter than that; all else
    /// must not change until libzmq is done with it.
    static let sendLent: PythonFunction.Arguments = { socket, arguments, count in
        unsafe lend(socket, arguments, count) { $0.send($1, timeout: $2) }
    }

    /// publish_lent(parts: tuple, shortest: int, timeout_ms: int) -> the status. The same with a topic and its
    /// payload, for the wire form of two frames.
    static let publishLent: PythonFunction.Arguments = { socket, arguments, count in
        unsafe lend(socket, arguments, count) { $0.publish($1, timeout: $2) }
    }

    private static func lend(
        _ socket: PythonObject?,
        _ arguments: UnsafePointer<PythonObject?>?,
        _ count: Int,
        _ send: (SocketHandle, SharedParts, Int32) -> ZMQSocketError.Code
    ) -> PythonObject? {
        guard let python = PythonInterface.ofProcess else { return nil }
        PythonLoans.takeBack()
        guard count == 3, let arguments = unsafe arguments, let total = unsafe python.count(ofTuple: arguments[0]),
            total > 0, let shortest = unsafe python.count(arguments[1]),
            let milliseconds = unsafe python.count(arguments[2])
        else { return python.int(Int(ZMQSocketError.Code.invalid.rawValue)) }
        guard let parts = unsafe PythonLoans.parts(ofTuple: arguments[0], count: total, shortest: shortest, python)
        else { return nil }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        let code = python.withoutLock { () -> ZMQSocketError.Code in
            guard let message = SharedParts.lending(parts) else { return .noMemory }
            return send(handle, message, Int32(clamping: milliseconds))
        }
        // What was not sent is here again.
        PythonLoans.takeBack()
        return python.int(Int(code.rawValue))
    }
}
