// SPDX-License-Identifier: Apache-2.0

extension ContextCore {
    /// Closes every socket and ends the context with its threads. Back within linger + 100 ms; what is not finished
    /// then goes on in the background. Again: waits for the same end.
    package func close(linger milliseconds: Int32, goesOn: (() -> Bool)? = nil) throws(ZMQSocketError) {
        try checkProcess()
        let start = MonotonicInstant.now()
        let closing = ContextClosing([self], linger: milliseconds, since: start)
        let last = Deadline(milliseconds: milliseconds, after: start.advanced(byNanoseconds: closingSlack))
        guard closing.begin(goesOn: goesOn),
            closing.awaitEnd(until: last, goesOn: goesOn) || last.hasPassed(at: .now())
        else {
            throw ZMQSocketError(.interrupted)
        }
        awaitThreads(until: last)
    }

    /// Closes every context, the process-wide one included, and waits for the end of every thread of the library.
    /// What is opened afterwards, or by others meanwhile, is not affected.
    ///
    /// - Parameter milliseconds: the bound of all of it. What is queued may be sent until shortly before.
    /// - Throws: `timeout` if there are threads left, which end by themselves when they can; `state` on one of them.
    package static func shutdown(timeout milliseconds: Int32) throws(ZMQSocketError) {
        let start = MonotonicInstant.now()
        guard !OwnThread.isCurrent else {
            throw ZMQSocketError(.state, message: "a thread of the library can not wait for its own end")
        }
        let deadline = Deadline(milliseconds: milliseconds, after: start)
        EndsAtShutdown.endAll()
        // It is made anew when it is next asked for.
        forgetProcessWide()
        let closing = ContextClosing(all, linger: max(0, milliseconds - shutdownReserve), since: start)
        _ = closing.begin(goesOn: nil)
        guard closing.awaitEnd(until: deadline, goesOn: nil),
            // What is opened meanwhile has threads, too.
            OwnThread.awaitEnd(until: deadline, ofAllBut: { ownersOfThreads.union(EndsAtShutdown.owners) })
        else {
            throw ZMQSocketError(.timeout, message: "threads of the library have not ended yet")
        }
    }

    /// Waits for the threads of an ended context to be gone. A look-up that hangs is not waited for longer than closing
    /// takes anyway.
    private func awaitThreads(until last: Deadline) {
        guard !OwnThread.isCurrent, statistics?.awaitEnd(until: last) != false, supervisor.awaitEnd(until: last) else {
            return
        }
        let soon = Deadline(MonotonicInstant.now().advanced(byNanoseconds: closingSlack))
        _ = nameService.awaitEnd(until: soon.instant < last.instant ? soon : last)
    }
}

/// Contexts that are closed side by side.
private struct ContextClosing {
    private let contexts: [(context: ContextCore, sockets: [SocketCore], isIdle: Bool)]
    private let ends: [Completion]
    /// In milliseconds.
    private let linger: Int32
    private let start: MonotonicInstant

    /// Ends all of their sockets for those who use them.
    init(_ contexts: [ContextCore], linger milliseconds: Int32, since start: MonotonicInstant) {
        var ends: [Completion] = []
        self.contexts = contexts.map { context in
            let end = Completion()
            ends.append(end)
            let (sockets, isIdle) = context.beginClose(end)
            let ended = sockets.compactMap { SocketCore.endUse(of: $0, linger: milliseconds, since: start) }
            return (context, ended, isIdle)
        }
        self.ends = ends
        self.linger = milliseconds
        self.start = start
    }

    /// Lets libzmq close the sockets, once what they have written is on its way or the linger is over.
    ///
    /// - Returns: false if a signal came after which `goesOn` answered false.
    func begin(goesOn: (() -> Bool)?) -> Bool {
        let sockets = contexts.flatMap(\.sockets)
        var wentOn = true
        if linger > 0 {
            var descriptors: [Int32] = []
            for core in sockets { core.underLock { descriptors += core.outgoingDescriptors } }
            let end = Deadline(milliseconds: linger, after: start)
            wentOn = Outflow.wait(on: descriptors, until: end, goesOn: goesOn)
        }
        let rest = Outflow.rest(of: linger, since: start)
        for core in sockets { core.underLock { core.beginClose(linger: rest) } }
        for closing in contexts where closing.isIdle { closing.context.terminate() }
        return wentOn
    }

    /// Waits until libzmq has given everything back.
    func awaitEnd(until deadline: Deadline, goesOn: (() -> Bool)?) -> Bool {
        ends.allSatisfy { $0.wait(until: deadline, goesOn: goesOn) }
    }
}

/// What is kept of a shutdown's time for ending the threads, in milliseconds.
private let shutdownReserve: Int32 = 100
