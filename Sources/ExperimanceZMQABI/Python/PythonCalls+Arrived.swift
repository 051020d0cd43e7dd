// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

extension PythonCalls {
    /// receive_ahead(coming: list, several: deque, single: deque, most: int, wants_several: int) -> the status. Takes
    /// messages that are here, unless something is in a queue already: all of several parts, as lists of bytes, or all
    /// of one, as bytes. `tooLarge` if the first one is to be received alone, `state` if it has several parts and is
    /// not wanted.
    static let receiveAhead: PythonFunction.Arguments = { socket, arguments, count in
        unsafe take(.parts, socket, arguments, count)
    }

    /// receive_published(coming: list, several: deque, pairs: deque, most: int, wants_several: int) -> the status. The
    /// same of topics and payloads, as tuples of str and bytes. `state` if the first message is something else.
    static let receivePublished: PythonFunction.Arguments = { socket, arguments, count in
        unsafe take(.published, socket, arguments, count)
    }

    private static func take(
        _ form: PythonArrivals.Form,
        _ socket: PythonObject?,
        _ arguments: UnsafePointer<PythonObject?>?,
        _ count: Int
    ) -> PythonObject? {
        guard let python = PythonInterface.ofProcess, let making = PythonLists.ofProcess else { return nil }
        guard count == 5, let arguments = unsafe arguments, let most = unsafe python.count(arguments[3]),
            let wantsSeveral = unsafe python.count(arguments[4])
        else { return python.int(Int(ZMQSocketError.Code.invalid.rawValue)) }
        let arrivals = unsafe PythonArrivals(
            form: form,
            wantsLists: wantsSeveral != 0,
            coming: arguments[0],
            lists: arguments[1],
            others: arguments[2]
        )
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        return unsafe arrivals.take(from: handle, most: most, python, making).flatMap { python.int($0) }
    }

    /// receive_parts(timeout_ms: int) -> a message of any number of parts, as a list of bytes; or the status.
    static let receiveParts: PythonFunction.OneArgument = { socket, timeout in
        guard let python = PythonInterface.ofProcess, let making = PythonLists.ofProcess else { return nil }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        if unsafe python.count(timeout) == 0 {
            switch takeOne(from: handle, python, making) {
            case .done(let answer): return unsafe answer
            case .large: break
            }
        }
        return unsafe receive(socket, timeout, isSingle: false, python) { message in
            unsafe PythonArrivals.list(of: message, python, making)
        }
    }

    @safe
    private enum Taken {
        /// With what the call answers; nil with an exception.
        case done(PythonObject?)
        /// Nothing: the message takes long to copy.
        case large
    }

    /// Takes a message that is here, with the interpreter's lock held.
    private static func takeOne(from handle: SocketHandle, _ python: PythonInterface, _ making: PythonLists) -> Taken {
        making.withoutCollector {
            var made: PythonObject?
            var isLarge = false
            let code = handle.takeArrived(limit: 1, splitsAtSpace: true) { message in
                isLarge = message.totalSize >= PythonArrivals.largeSize
                if !isLarge { unsafe made = PythonArrivals.list(of: message, python, making) }
                return unsafe made != nil
            }
            guard !isLarge else { return .large }
            return unsafe .done(code == .ok ? made : python.int(Int(code.rawValue)))
        }
    }
}
