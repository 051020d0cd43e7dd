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

    /// receive(timeout_ms: int) -> a message of one part, as bytes; or the status. One of several parts is refused, and
    /// kept.
    static let receive: PythonFunction.OneArgument = { socket, timeout in
        guard let python = PythonInterface.ofProcess else { return nil }
        return unsafe receive(socket, timeout, isSingle: true, isPassing: true, python) { message in
            unsafe message.withPart(0) { unsafe python.bytes($0) } ?? nil
        }
    }

    /// receive_message(is_single: int, timeout_ms: int) -> the message; or the status. With `is_single`, one of several
    /// parts is refused, and kept.
    static let receiveMessage: PythonFunction.Arguments = { socket, arguments, count in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        guard count == 2, let arguments = unsafe arguments, let isSingle = unsafe python.count(arguments[0])
        else { return python.int(Int(ZMQSocketError.Code.invalid.rawValue)) }
        return unsafe receive(socket, arguments[1], isSingle: isSingle != 0, python) { message in
            unsafe PythonMessages.object(for: MessageBox(message), types)
        }
    }

    /// - Parameter make: the object for a message; nil with an exception when there is no memory for it now.
    static func receive(
        _ socket: PythonObject?,
        _ timeout: PythonObject?,
        isSingle: Bool,
        isPassing: Bool = false,
        _ python: PythonInterface,
        _ make: (ReceivedMessage) -> PythonObject?
    ) -> PythonObject? {
        guard let milliseconds = unsafe python.count(timeout) else {
            return python.int(Int(ZMQSocketError.Code.invalid.rawValue))
        }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        let outcome = python.withoutLock { () -> Result<ReceivedMessage, ZMQSocketError> in
            do throws(ZMQSocketError) {
                let timeout = Int32(clamping: milliseconds)
                let message = try handle.receiveMessage(
                    timeout: timeout,
                    singlePart: isSingle,
                    isPassing: isPassing
                )
                return .success(isSingle ? message.uncut : message)
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let message):
            if let object = unsafe make(message) { return unsafe object }
            _ = python.withoutLock { handle.giveBack(message, .noMemory) }
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

    /// message_frames(message) -> the same, but objects that can be written to, unless the memory may be the sender's
    /// own, as within the process.
    static let messageFrames: PythonFunction.OneArgument = { _, message in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        guard let box = unsafe PythonMessages.box(of: message, types) else { return unsafe python.tuple([]) }
        let isWritable = unsafe box.withProperty(.socketType) { unsafe !$0.isEmpty }
        return unsafe python.tuple(
            (0..<box.partCount).map { unsafe PythonMessages.object(for: box, part: $0, isWritable: isWritable, types) }
        )
    }

    /// message_metadata(message, name: bytes) -> what libzmq has under a name of its sender, as bytes. Only of messages
    /// of a socket that keeps it.
    static let messageMetadata: PythonFunction.Arguments = { _, arguments, count in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        guard count == 2, let arguments = unsafe arguments,
            let name = unsafe python.bytes(of: arguments[1])?.baseAddress,
            let box = unsafe PythonMessages.box(of: arguments[0], types)
        else { return unsafe python.bytes(UnsafeRawBufferPointer(start: nil, count: 0)) }
        // Python has a NUL behind all bytes.
        return unsafe box.withMetadata(name.assumingMemoryBound(to: CChar.self)) { unsafe python.bytes($0) }
    }

    /// keep_metadata(None) -> the status. The messages of this socket know it from now on.
    static let keepMetadata: PythonFunction.OneArgument = { socket, _ in
        guard let python = PythonInterface.ofProcess else { return nil }
        do throws(ZMQSocketError) {
            try unsafe SocketHandle(rawValue: python.number(socket)).keepMetadata()
            return python.int(Int(ZMQSocketError.Code.ok.rawValue))
        } catch {
            return python.int(Int(error.code.rawValue))
        }
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
