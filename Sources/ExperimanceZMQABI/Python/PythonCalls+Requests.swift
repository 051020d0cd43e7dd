// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ
import ExperimanceZMQ

extension PythonCalls {
    /// request(data: bytes, timeout_ms: int) -> the answer, as bytes; or a tuple of the status and an `exz_error`, as
    /// bytes.
    static let request: PythonFunction.Arguments = { socket, arguments, count in
        unsafe makeRequest(socket, arguments, count, isIdempotent: false)
    }

    /// The same for a request that may be executed more than once.
    static let requestIdempotent: PythonFunction.Arguments = { socket, arguments, count in
        unsafe makeRequest(socket, arguments, count, isIdempotent: true)
    }

    private static func makeRequest(
        _ socket: PythonObject?,
        _ arguments: UnsafePointer<PythonObject?>?,
        _ count: Int,
        isIdempotent: Bool
    ) -> PythonObject? {
        guard let python = PythonInterface.ofProcess else { return nil }
        guard count == 2, let arguments = unsafe arguments, let data = unsafe python.bytes(of: arguments[0]),
            let milliseconds = unsafe python.count(arguments[1])
        else { return unsafe failure(.invalid("not bytes and a time"), python) }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        let outcome = python.withoutLock { () -> Result<ReceivedMessage, ZMQSocketError> in
            do throws(ZMQSocketError) {
                let timeout = Int32(clamping: milliseconds)
                return unsafe .success(try handle.request(data, isIdempotent: isIdempotent, timeout: timeout))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let answer):
            if let bytes = unsafe answer.withPart(0, { unsafe python.bytes($0) }) ?? nil { return unsafe bytes }
            // There is no memory for it now.
            _ = python.withoutLock { handle.giveBack(answer, .noMemory) }
            return nil
        case .failure(let error): return unsafe failure(error, python)
        }
    }

    /// request_parts(parts: tuple[bytes, …], timeout_ms: int, is_idempotent: int) -> the answer's parts, as a tuple of
    /// bytes; or a tuple of the status and an `exz_error`, as bytes.
    static let requestParts: PythonFunction.Arguments = { socket, arguments, count in
        guard let python = PythonInterface.ofProcess else { return nil }
        guard count == 3, let arguments = unsafe arguments, let parts = unsafe python.bytes(ofTuple: arguments[0]),
            let milliseconds = unsafe python.count(arguments[1]), let isIdempotent = unsafe python.count(arguments[2])
        else { return unsafe failure(.invalid("not bytes, a time and a number"), python) }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        let outcome = python.withoutLock { () -> Result<ReceivedMessage, ZMQSocketError> in
            do throws(ZMQSocketError) {
                let timeout = Int32(clamping: milliseconds)
                return unsafe .success(
                    try handle.request(parts: parts, isIdempotent: isIdempotent != 0, timeout: timeout)
                )
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let answer):
            let parts = unsafe (0..<answer.partCount).map {
                unsafe answer.withPart($0) { unsafe python.bytes($0) } ?? nil
            }
            if let tuple = unsafe python.tuple(parts) { return unsafe tuple }
            // There is no memory for it now.
            _ = python.withoutLock { handle.giveBack(answer, .noMemory) }
            return nil
        case .failure(let error): return unsafe failure(error, python)
        }
    }

    private static func failure(_ error: ZMQSocketError, _ python: PythonInterface) -> PythonObject? {
        var details = exz_error()
        details.size = UInt32(MemoryLayout<exz_error>.size)
        details.fill(with: error)
        return unsafe python.tuple(
            python.int(Int(error.code.rawValue)),
            withUnsafeBytes(of: details) { unsafe python.bytes($0) }
        )
    }
}
