// SPDX-License-Identifier: Apache-2.0

import DequeModule
import Glibc

extension SocketCore {
    /// The linger of a close that names none.
    var usualLinger: Int32 { Int32(clamping: options.linger.roundedUpMilliseconds) }

    /// Ends the socket for its users: every wait on it returns, no call finds it any more.
    ///
    /// Of libzmq's socket nothing changes yet: who closes several makes an end of all first, so that no wait on one
    /// succeeds because another one is gone.
    func endUse() {
        guard !isClosed else { return }
        markClosed()
        // What comes now is nobody's to work through, and would keep the supervisor awake.
        endCommandWatch()
        // Whoever watches a copy of the descriptor looks, and learns it.
        readiness.show(true)
        waiters.wakeEveryone()
    }

    /// Gives libzmq's socket `linger` milliseconds to send what is queued, and up. Without waiting for that.
    func beginClose(linger milliseconds: Int32) {
        endUse()
        guard let socket else { return }
        for link in links {
            cancelProbe(link)
            if let timer = link.timer { context.supervisor.cancel(timer.token) }
            link.timer = nil
            if link.isInproc { detachInproc(link) }
        }
        for bound in boundEndpoints {
            if case .inproc(let name) = bound.target { withdrawInproc(name, isClosing: true) }
        }
        context.socketClosed(id)
        // What was ended just now may have begun another one.
        endCommandWatch()
        endLivenessWatch()
        readiness.close()
        links = []
        inbox.dropAll()
        // libzmq's timers count whole milliseconds and can be almost one early.
        setLinger(milliseconds > 0 && milliseconds < Int32.max ? milliseconds + 1 : milliseconds)
        // The monitor stays: its last event says that libzmq is done with the socket.
        ZMQ.close(socket)
        slot.pointee.socket = nil
        slot.pointee.inbound = Frame()
        if waiters.isEmpty { releaseSlot() }
    }

    func setLinger(_ milliseconds: Int32) {
        guard let socket else { return }
        _ = ZMQ.setLinger(of: socket, to: kind.lingers ? milliseconds : 0)
    }

    /// Gives the slot back, once nobody is in it any more.
    func releaseSlot() {
        waiters.close()
        slot.pointee.core = nil
        SocketTable.release(id)
    }
}
