// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ
import ExperimanceZMQ

extension PythonCalls {
    private static func goesOn() -> Bool {
        !Canceler.isCurrentCanceled && SignalHook.goesOn()
    }

    /// close(linger_ms: int | None) -> the status. What a handler of a signal raises ends the wait, and so does the
    /// thread's canceler; the linger goes on in the background. `self` is the number of a socket.
    static let close: PythonFunction.OneArgument = { socket, linger in
        guard let python = PythonInterface.ofProcess else { return nil }
        let handle = SocketHandle(rawValue: python.number(socket))
        let milliseconds = Int32(clamping: python.count(linger) ?? -1)
        let code = python.withoutLock { handle.close(linger: milliseconds, goesOn: goesOn) }
        return python.int(Int(code.rawValue))
    }

    /// await_end(linger_ms: int) -> the status. Waits for the end of a socket that `close` has closed, also if that was
    /// ended early or is another thread's; for what is left of its linger.
    static let awaitEnd: PythonFunction.OneArgument = { socket, linger in
        guard let python = PythonInterface.ofProcess else { return nil }
        let handle = SocketHandle(rawValue: python.number(socket))
        let milliseconds = Int32(clamping: python.count(linger) ?? 0)
        let code = python.withoutLock { handle.awaitEnd(linger: milliseconds, goesOn: goesOn) }
        return python.int(Int(code.rawValue))
    }

    /// The same as `close` for a context and its number.
    static let closeContext: PythonFunction.OneArgument = { number, linger in
        guard let python = PythonInterface.ofProcess else { return nil }
        let context = exz_context(id: python.number(number))
        let milliseconds = Int32(clamping: python.count(linger) ?? Int(usualTimeout))
        let status = python.withoutLock {
            ExperimanceZMQABI.close(context, linger: milliseconds, goesOn: goesOn)
        }
        return python.int(Int(status))
    }
}
