// SPDX-License-Identifier: Apache-2.0

import LibC

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
        EndsAtShutdown.prepare()
        OwnThread.prepare()
        Forwarding.prepare()
        ThreadCancellation.prepare()
        _ = SocketSlot.handles
        _ = CancelerSlot.handles
        Canceler.prepare()
        PathTurn.prepare()
        StatisticsFiles.prepare()
        ZMQLog.prepare()
        // No locks, but made by the first who comes, too.
        _ = MonitorEvent.mask
        SubscriptionProbe.prepare()
        AdmissionMark.prepare()
        _ = (ConnectFailure.noAnswer, ConnectFailure.silent, ConnectFailure.itself, ConnectFailure.handshakeRejected)
        _ = (ConnectFailure.keyRejected, ConnectFailure.isOwnAddress, ConnectFailure.nobodyBound)
        _ = ZMQSocketError.Code.ok.explanation
        rehearse()
    }

    /// Uses the library once. Swift's runtime makes what it knows of types when they are first used, under locks of its
    /// own, which a fork would leave locked if it met another thread there. Over TCP on the loopback, where the ports
    /// are there for some milliseconds and not longer, and over a local name that no file has: either way has types of
    /// its own. Where one can not be had, nothing is lost but this.
    private static func rehearse() {
        rehearse { pull throws(ZMQSocketError) in
            _ = try pull.bind("tcp://127.0.0.1:0", timeout: 0)
            return try pull.bindLeavingNoPort()
        }
        rehearse { pull throws(ZMQSocketError) in
            try pull.bind("ipc://@exz-\(UInt64.random(in: .min ... .max))", timeout: 0)
        }
        // The user's first socket is the first one.
        SocketCore.restartNumbers()
    }

    /// More descriptors than a rehearsal has open at once. libzmq aborts where it has none for a connection over ipc.
    private static let descriptors = 32

    private static func rehearse(over bind: (SocketHandle) throws(ZMQSocketError) -> String) {
        guard Descriptors.shortage(of: descriptors) == nil,
            let context = try? ContextCore(nameService: NameService(), logTarget: LogTarget())
        else { return }
        if let pull = try? SocketHandle.open(.pull, ZMQSocketOptions(), in: context),
            let push = try? SocketHandle.open(.push, ZMQSocketOptions(), in: context),
            let endpoint = try? bind(pull),
            (try? push.connect(endpoint, inBackground: false, timeout: 100)) != nil
        {
            var (byte, size): (UInt8, Int) = (0, 0)
            _ = unsafe push.send(&byte, 1, timeout: 100)
            _ = unsafe pull.receive(into: &byte, capacity: 1, size: &size, timeout: 100)
        }
        try? context.close(linger: 0)
    }
}

extension SocketHandle {
    /// Binds on the loopback so that a connection ends with a reset: as it otherwise ends, TCP would keep its port from
    /// services for a minute.
    fileprivate func bindLeavingNoPort() throws(ZMQSocketError) -> String {
        let descriptor: Int32
        do throws(ListeningDescriptor.Failure) {
            descriptor = try ListeningDescriptor.openForResets()
        } catch {
            throw ZMQSocketError(errno: error.number, doing: "listen on the loopback")
        }
        defer { LibC.close(descriptor) }
        return try bind(descriptor: descriptor)
    }
}
