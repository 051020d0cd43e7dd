// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ
import ExperimanceZMQ

extension PythonCalls {
    /// message_type(header_size: int) -> the type that shows a message's memory.
    static let messageType: PythonFunction.OneArgument = { _, size in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        let type = unsafe PythonMessages.makeType(headerSize: python.count(size) ?? 0, types)
        unsafe types.keep(type)
        return unsafe type
    }

    /// use_message_type(type) -> 0. Messages are objects of this class from now on, which is derived from that type.
    static let useMessageType: PythonFunction.OneArgument = { _, type in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        unsafe PythonMessages.use(type, types)
        return python.int(0)
    }

    /// receive_message(timeout_ms: int, is_single: int) -> the message; or the status. With `is_single`, one of several
    /// parts is refused, and kept.
    static let receiveMessage: PythonFunction.Arguments = { socket, arguments, count in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        guard count == 2, let arguments = unsafe arguments, let milliseconds = unsafe python.count(arguments[0]),
            let isSingle = unsafe python.count(arguments[1])
        else { return python.int(Int(ZMQSocketError.Code.invalid.rawValue)) }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        let outcome = python.withoutLock { () -> Result<MessageBox, ZMQSocketError> in
            do throws(ZMQSocketError) {
                let timeout = Int32(clamping: milliseconds)
                let message = try handle.receiveMessage(timeout: timeout, singlePart: isSingle != 0)
                return .success(MessageBox(isSingle != 0 ? message.uncut : message))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let box):
            if let object = unsafe PythonMessages.object(for: box, types) { return unsafe object }
            // There is no memory for it now.
            _ = python.withoutLock { handle.giveBack(box.content, .noMemory) }
            return nil
        case .failure(let error): return python.int(Int(error.code.rawValue))
        }
    }

    /// message_of(parts: tuple[bytes, …]) -> a message with copies of these.
    static let messageOf: PythonFunction.OneArgument = { _, objects in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        let parts = unsafe python.bytes(ofTuple: objects) ?? []
        guard let message = unsafe ReceivedMessage(copying: parts) else {
            PythonBuffers.ofProcess?.refuse("there is no memory for it")
            return nil
        }
        return unsafe PythonMessages.object(for: MessageBox(message), types)
    }

    /// message_parts(message) -> a tuple of objects that show its parts.
    static let messageParts: PythonFunction.OneArgument = { _, message in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        guard let box = unsafe PythonMessages.box(of: message, types) else { return unsafe python.tuple([]) }
        return unsafe python.tuple((0..<box.partCount).map { unsafe PythonMessages.object(for: box, part: $0, types) })
    }

    /// message_property(message, number: int) -> what is known of its sender, as bytes.
    static let messageProperty: PythonFunction.Arguments = { _, arguments, count in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        guard count == 2, let arguments = unsafe arguments, let number = unsafe python.count(arguments[1]),
            let property = SenderProperty(rawValue: number),
            let box = unsafe PythonMessages.box(of: arguments[0], types)
        else { return unsafe python.bytes(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return unsafe box.withProperty(property) { unsafe python.bytes($0) }
    }

    /// send_message(message, timeout_ms: int) -> the status. Sends a message on, which stays as it is.
    static let sendMessage: PythonFunction.Arguments = { socket, arguments, count in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        PythonLoans.takeBack()
        guard count == 2, let arguments = unsafe arguments, let milliseconds = unsafe python.count(arguments[1]),
            let box = unsafe PythonMessages.box(of: arguments[0], types)
        else { return python.int(Int(ZMQSocketError.Code.invalid.rawValue)) }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        let code = python.withoutLock {
            box.share().map { handle.send($0, timeout: Int32(clamping: milliseconds)) } ?? .noMemory
        }
        return python.int(Int(code.rawValue))
    }
}
