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
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        let milliseconds = unsafe Int32(clamping: python.count(linger) ?? -1)
        let code = python.withoutLock { handle.close(linger: milliseconds, goesOn: goesOn) }
        PythonLoans.takeBack()
        return python.int(Int(code.rawValue))
    }

    /// await_end(linger_ms: int) -> the status. Waits for the end of a socket that `close` has closed, also if that was
    /// ended early or is another thread's; for what is left of its linger.
    static let awaitEnd: PythonFunction.OneArgument = { socket, linger in
        guard let python = PythonInterface.ofProcess else { return nil }
        let handle = unsafe SocketHandle(rawValue: python.number(socket))
        let milliseconds = unsafe Int32(clamping: python.count(linger) ?? 0)
        let code = python.withoutLock { handle.awaitEnd(linger: milliseconds, goesOn: goesOn) }
        return python.int(Int(code.rawValue))
    }

    /// close_later(None) -> 0. Closes a socket that is forgotten; its linger passes in the background. Does nothing
    /// to one that is closed, or of another process.
    static let closeLater: PythonFunction.OneArgument = { socket, _ in
        guard let python = PythonInterface.ofProcess else { return nil }
        unsafe SocketHandle(rawValue: python.number(socket)).closeInBackground()
        return python.int(0)
    }

    /// abandon_context(None) -> the status: OK if it was open. A context that is forgotten ends with its last socket.
    static let abandonContext: PythonFunction.OneArgument = { number, _ in
        guard let python = PythonInterface.ofProcess else { return nil }
        let code: ZMQSocketError.Code
        do throws(ZMQSocketError) {
            let context = try unsafe contexts.remove(python.number(number))
            context?.abandon()
            code = context == nil ? .closed : .ok
        } catch {
            code = error.code
        }
        return python.int(Int(code.rawValue))
    }

    /// The same as `close` for a context and its number.
    static let closeContext: PythonFunction.OneArgument = { number, linger in
        guard let python = PythonInterface.ofProcess else { return nil }
        let context = unsafe exz_context(id: python.number(number))
        let milliseconds = unsafe Int32(clamping: python.count(linger) ?? Int(usualTimeout))
        let status = python.withoutLock {
            ExperimanceZMQABI.close(context, linger: milliseconds, goesOn: goesOn)
        }
        PythonLoans.takeBack()
        return python.int(Int(status))
    }
}
