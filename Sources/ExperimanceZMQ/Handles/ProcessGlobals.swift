// SPDX-License-Identifier: Apache-2.0

/// What a process has once, and what is made when it is first used, where a fork must not find it half made: a child
/// has no thread that would finish it.
package enum ProcessGlobals {
    /// Makes all of it, unless that has been done. To be called first of all by whatever opens something.
    package static func setUp() { ForkGuard.setUp { ProcessGlobals.make() } }

    /// Makes all of it, as a part of what is to be made once.
    package static func make() {
        ForkGuard.prepare()
        // Those first that are locked while another one is taken.
        ContextCore.prepare()
        ClosingSockets.prepare()
        CancelBell.prepare()
        OwnThread.prepare()
        ThreadCancellation.prepare()
        SocketTable.prepare()
        CancelerTable.prepare()
        Canceler.prepare()
        Log.prepare()
        // No locks, but made by the first who comes, too.
        _ = MonitorEvent.mask
        _ = (ConnectFailure.noAnswer, ConnectFailure.silent, ConnectFailure.itself, ConnectFailure.handshakeRejected)
        _ = (ConnectFailure.keyRejected, ConnectFailure.isOwnAddress, ConnectFailure.nobodyBound)
        _ = ZMQSocketError.Code.ok.explanation
    }
}
