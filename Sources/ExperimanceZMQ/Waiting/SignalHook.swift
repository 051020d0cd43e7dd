// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Who is asked whether a wait goes on when a signal has come.
///
/// An interpreter notes signals and runs their handlers later, on its own terms. A wait that returned for each of them
/// would lose its place: its turn, its attempts, what somebody else cancelled meanwhile, and with a signal every now
/// and then its deadline, too. So sockets that ask (``ZMQSocketOptions/asksAfterSignals``) let the handlers run where
/// they are.
package enum SignalHook {
    package typealias Function = @convention(c) () -> Bool

    private static let installed = Atomic<UInt>(0)

    /// Sets the function, which is called on the waiting thread with no lock held, and answers false if the wait is to
    /// end; nil takes it back. For the whole process.
    package static func install(_ function: Function?) {
        let address = function.map { unsafe unsafeBitCast($0, to: UInt.self) } ?? 0
        installed.store(address, ordering: .sequentiallyConsistent)
    }

    /// For waits that are no socket's, so that nobody has said whether to ask: nil where there is nobody to be asked.
    package static var ifInstalled: (() -> Bool)? {
        installed.load(ordering: .sequentiallyConsistent) == 0 ? nil : { goesOn() }
    }

    /// False if the wait is to end, as it is without a function.
    package static func goesOn() -> Bool {
        let address = installed.load(ordering: .sequentiallyConsistent)
        guard address != 0 else { return false }
        return unsafe unsafeBitCast(address, to: Function.self)()
    }
}
