// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Synchronization

/// Lets Python's handlers of signals run during a wait, where the thread is.
///
/// What a handler raises can not pass through the library and ctypes. It goes into a list of the package's, which
/// raises it as soon as the call is back, and the wait ends.
enum PythonSignals {
    private static let list = Atomic<UInt>(0)

    /// hold_back(errors: list) -> 0: from now on. With anything but a list: not any more, before the interpreter ends.
    static let holdBack: PythonFunction.OneArgument = { _, errors in
        guard let python = PythonInterface.ofProcess else { return nil }
        if unsafe python.keeps(list: errors) {
            list.store(UInt(bitPattern: errors), ordering: .sequentiallyConsistent)
            SignalHook.install(goesOn)
        } else {
            SignalHook.install(nil)
        }
        return python.int(0)
    }

    private static let goesOn: SignalHook.Function = {
        let errors = unsafe PythonObject(bitPattern: list.load(ordering: .sequentiallyConsistent))
        guard let errors = unsafe errors, let python = PythonInterface.ofProcess else { return false }
        return python.withLock { unsafe python.runSignalHandlers(puttingErrorInto: errors) }
    }

    /// Whether something waits in the list.
    static func isHoldingBack(_ making: PythonLists) -> Bool {
        let errors = unsafe PythonObject(bitPattern: list.load(ordering: .sequentiallyConsistent))
        guard let errors = unsafe errors, let count = unsafe making.count(ofList: errors) else { return false }
        return count > 0
    }
}
