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
        _ = SocketSlot.handles
        _ = CancelerSlot.handles
        Canceler.prepare()
        Log.prepare()
        // No locks, but made by the first who comes, too.
        _ = MonitorEvent.mask
        _ = (ConnectFailure.noAnswer, ConnectFailure.silent, ConnectFailure.itself, ConnectFailure.handshakeRejected)
        _ = (ConnectFailure.keyRejected, ConnectFailure.isOwnAddress, ConnectFailure.nobodyBound)
        _ = ZMQSocketError.Code.ok.explanation
        rehearse()
    }

    /// Uses the library once. Swift's runtime makes what it knows of types when they are first used, under locks of its
    /// own, which a fork would leave locked if it met another thread there. Over TCP on the loopback, where the port is
    /// there for some milliseconds, and over a local name that no file has: either way has types of its own. Where one
    /// can not be had, nothing is lost but this.
    private static func rehearse() {
        for endpoint in ["tcp://127.0.0.1:0", "ipc://@exz-\(UInt64.random(in: .min ... .max))"] {
            rehearse(over: endpoint)
        }
        // The user's first socket is the first one.
        SocketCore.restartNumbers()
    }

    private static func rehearse(over endpoint: String) {
        guard let context = try? ContextCore() else { return }
        if let pull = try? SocketHandle.open(.pull, SocketOptions(), in: context),
            let push = try? SocketHandle.open(.push, SocketOptions(), in: context),
            let endpoint = try? pull.bind(endpoint, timeout: 0),
            (try? push.connect(endpoint, inBackground: false, timeout: 100)) != nil
        {
            var (byte, size): (UInt8, Int) = (0, 0)
            _ = push.send(&byte, 1, timeout: 100)
            _ = pull.receive(into: &byte, capacity: 1, size: &size, timeout: 100)
        }
        try? context.close(linger: 0)
    }
}
