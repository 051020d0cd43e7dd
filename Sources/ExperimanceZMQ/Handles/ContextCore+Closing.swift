// SPDX-License-Identifier: Apache-2.0

extension ContextCore {
    /// Closes every socket and ends the context with its threads. Back within linger + 100 ms; what is not finished
    /// then goes on in the background. Again: waits for the same end.
    package func close(linger milliseconds: Int32, goesOn: (() -> Bool)? = nil) throws(ZMQSocketError) {
        try checkProcess()
        let start = MonotonicInstant.now()
        let closing = ContextClosing([self])
        let last = Deadline(milliseconds: milliseconds, after: start.advanced(byNanoseconds: closingSlack))
        guard closing.begin(linger: milliseconds, since: start, goesOn: goesOn),
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
        let closing = ContextClosing(takeAll())
        _ = closing.begin(linger: max(0, milliseconds - shutdownReserve), since: start, goesOn: nil)
        guard closing.awaitEnd(until: deadline, goesOn: nil),
            // What is opened meanwhile has threads, too.
            OwnThread.awaitEnd(ofAllBut: ownersOfThreads.union(EndsAtShutdown.owners), until: deadline)
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
    private let contexts: [(context: ContextCore, sockets: [SocketCore], isFirst: Bool, isIdle: Bool)]
    private let ends: [Completion]

    /// Ends all of their sockets for those who use them.
    init(_ contexts: [ContextCore]) {
        var ends: [Completion] = []
        self.contexts = contexts.map { context in
            let end = Completion()
            ends.append(end)
            let (sockets, isFirst, isIdle) = context.beginClose(end)
            return (context, isFirst ? sockets.compactMap { SocketCore.endUse(of: $0) } : [], isFirst, isIdle)
        }
        self.ends = ends
    }

    /// Lets libzmq close the sockets, once what they have written is on its way or the linger is over.
    ///
    /// - Returns: false if a signal came after which `goesOn` answered false.
    func begin(linger milliseconds: Int32, since start: MonotonicInstant, goesOn: (() -> Bool)?) -> Bool {
        let sockets = contexts.flatMap(\.sockets)
        var wentOn = true
        if milliseconds > 0 {
            var descriptors: [Int32] = []
            for core in sockets { core.underLock { descriptors += core.outgoingDescriptors } }
            let end = Deadline(milliseconds: milliseconds, after: start)
            wentOn = Outflow.wait(on: descriptors, until: end, goesOn: goesOn)
        }
        let linger = Outflow.rest(of: milliseconds, since: start)
        for core in sockets { core.underLock { core.beginClose(linger: linger) } }
        for closing in contexts where closing.isFirst && closing.isIdle { closing.context.terminate() }
        return wentOn
    }

    /// Waits until libzmq has given everything back.
    func awaitEnd(until deadline: Deadline, goesOn: (() -> Bool)?) -> Bool {
        ends.allSatisfy { $0.wait(until: deadline, goesOn: goesOn) }
    }
}

/// What closing may take beyond its linger, in nanoseconds; the promise is 100 ms.
let closingSlack: Int64 = 60 * nanosecondsPerMillisecond

/// What is kept of a shutdown's time for ending the threads, in milliseconds.
private let shutdownReserve: Int32 = 100
