// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    /// Ends the socket for its users: every wait on it returns, no call finds it any more.
    ///
    /// Of libzmq's socket nothing changes yet: who closes several makes an end of all first, so that no wait on one
    /// succeeds because another one is gone.
    func endUse() {
        guard endLife() else { return }
        // What comes now is nobody's to work through, and would keep the supervisor awake.
        endCommandWatch()
        inbox.endAhead()
        // Whoever watches a copy of a descriptor looks, and learns it.
        readiness.show(true)
        room.end()
        waiters.wakeEveryone()
    }

    /// The same, where somebody may ask for the end that comes within a linger.
    ///
    /// - Parameters:
    ///   - milliseconds: the linger.
    ///   - isInBackground: the call that closes it does not wait.
    ///   - report: tells of its end.
    func endUse(
        linger milliseconds: Int32,
        since start: MonotonicInstant,
        isInBackground: Bool = false,
        report: ClosingReport? = nil
    ) {
        var entry = ClosingSockets.Entry(self, linger: milliseconds, since: start, isInBackground: isInBackground)
        if let report { entry.reports = [report] }
        // Before anybody else can end it.
        ClosingSockets.begun(entry)
        endUse()
    }

    /// The same by the socket's handle.
    ///
    /// - Returns: the socket, which is to be closed; nil if it has been ended before.
    static func endUse(of id: UInt64, linger milliseconds: Int32, since start: MonotonicInstant) -> SocketCore? {
        try? socketSlots.withCore(of: id) { core in
            core.endUse(linger: milliseconds, since: start)
            return core
        }
    }

    /// Gives libzmq's socket `linger` milliseconds to send what is queued, and up. Without waiting for that.
    func beginClose(linger milliseconds: Int32) {
        endUse()
        guard unsafe socket != nil else { return }
        for link in connecting.all {
            link.cancelProbe()
            if let timer = link.timer { context.supervisor.cancel(timer.token) }
            link.timer = nil
            if let hold = link.portHold { portHolds.append(hold) }
            if link.isInproc { detachInproc(link) }
        }
        for name in bound.inprocNames { withdrawInproc(name, isClosing: true) }
        for file in bound.files { file.remove() }
        context.socketClosed(id)
        // What was ended just now may have begun another one.
        endCommandWatch()
        endLivenessWatch()
        readiness.close()
        room.close()
        shutDoor()
        connecting.removeAll()
        inbox.dropAll()
        // libzmq's timers count whole milliseconds and can be almost one early.
        // With nothing to send there is nothing to wait for: libzmq would keep a connection whose peer does not answer.
        let linger = mayHaveQueue ? milliseconds : 0
        setLinger(linger > 0 && linger < Int32.max ? linger + 1 : linger)
        // The monitor stays: its last event says that libzmq is done with the socket.
        if let socket = unsafe takeSocket() {
            unsafe options.security?.forgetSecrets(of: socket)
            unsafe securityByNumber.forgetSecrets(of: socket)
            unsafe ZMQ.close(socket)
        }
        slot.pointee.inbound = Frame()
        leaveSlot()
    }

    /// The connections that may still have something to carry to a peer.
    var outgoingDescriptors: [Int32] {
        mayHaveQueue ? connecting.descriptors + bound.descriptors : []
    }

    /// Whether something may be queued that somebody is to get.
    var mayHaveQueue: Bool { kind.lingers && (slot.pointee.messagesSent > 0 || libzmqSendsByItself) }

    func setLinger(_ milliseconds: Int32) {
        guard let socket = unsafe socket else { return }
        _ = unsafe ZMQ.setLinger(of: socket, to: kind.lingers ? milliseconds : 0)
    }
}
