// SPDX-License-Identifier: Apache-2.0

import CLinux
import Synchronization

/// What keeps `pthread_cancel` from ending a thread in the middle of a call, with a lock that it has and half a command
/// for libzmq's threads.
///
/// libzmq's calls are full of points where a thread may be cancelled, and glibc takes two atomic operations and some
/// fifty instructions to forbid that for a while: too much for every send of everybody. But few processes have any code
/// that calls `pthread_cancel`, and what they have is seen in what their objects import. So calls are guarded where
/// there is such code; a socket's short way is barred then (`Traps.cancelable`).
package enum ThreadCancellation {
    /// Whether somebody in the process can cancel a thread, as far as has been looked.
    @inline(__always)
    package static var isPossible: Bool { hasBeenSeen.load(ordering: .relaxed) }

    private static let loads: Guarded<UInt64> = {
        let guarded = Guarded<UInt64>(0)
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() { _ = loads }

    /// Looks at the objects that have been loaded since the last time.
    ///
    /// - Returns: whether it is possible now and was not before.
    static func look() -> Bool {
        guard !isPossible, loads.withLock({ unsafe clinux_is_imported("pthread_cancel", &$0) }) != 0 else {
            return false
        }
        return !hasBeenSeen.exchange(true, ordering: .relaxed)
    }

    /// Runs a call of the library. A thread that has been cancelled ends before it, or after it if it has not
    /// succeeded: what it has been given would be lost with it.
    @inline(__always)
    package static func held(_ body: () -> ZMQSocketError.Code) -> ZMQSocketError.Code {
        isPossible ? heldIndeed(body) : body()
    }

    @inline(never)
    private static func heldIndeed(_ body: () -> ZMQSocketError.Code) -> ZMQSocketError.Code {
        clinux_test_cancel()
        let former = clinux_hold_cancel()
        let code = body()
        clinux_release_cancel(former)
        if code != .ok { clinux_test_cancel() }
        return code
    }

    /// The same in a signal handler, where no thread can end.
    package static func heldInHandler(_ body: () -> ZMQSocketError.Code) -> ZMQSocketError.Code {
        guard isPossible else { return body() }
        let former = clinux_hold_cancel()
        defer { clinux_release_cancel(former) }
        return body()
    }
}

/// Outside the type, so that it is initialized at compile time.
private let hasBeenSeen = Atomic<Bool>(false)
