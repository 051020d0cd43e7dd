// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What the methods of ``PythonFace`` need of Python, found with one load: a `static let` of what is not known
/// beforehand is found by a call, which for a message counts.
final class PythonTools: Sendable {
    let python: PythonInterface
    let objects: PythonObjects
    let making: PythonLists

    let sendTakes = PythonSignature("data", "flags", "copy", "track")
    let recvTakes = PythonSignature("flags", "copy", "track")
    let getTakes = PythonSignature("option")
    let sendSlowly = PythonName("_send_slowly")
    let recvSlowly = PythonName("_recv_slowly")
    let getSlowly = PythonName("_get_slowly")
    let appendLeft = PythonName("appendleft")

    private static let place = Atomic<UInt>(0)

    private init?() {
        guard let python = PythonInterface.ofProcess, let objects = PythonObjects.ofProcess,
            let making = PythonLists.ofProcess
        else { return nil }
        self.python = python
        self.objects = objects
        self.making = making
    }

    /// Before anything is called that uses them. They stay for the process.
    static func make() {
        guard place.load(ordering: .relaxed) == 0, let tools = PythonTools() else { return }
        place.store(UInt(bitPattern: unsafe Unmanaged.passRetained(tools).toOpaque()), ordering: .releasing)
    }

    /// Calls a function with them, which keeps them not.
    @inline(__always)
    static func use(_ body: (PythonTools) -> PythonObject?) -> PythonObject? {
        guard let tools = unsafe UnsafeRawPointer(bitPattern: place.load(ordering: .acquiring)) else { return nil }
        return unsafe Unmanaged<PythonTools>.fromOpaque(tools)._withUnsafeGuaranteedRef { unsafe body($0) }
    }
}
