// SPDX-License-Identifier: Apache-2.0

/// A socket that has ended for its users, and whose linger begins.
struct SocketClosing {
    let core: SocketCore
    /// In milliseconds.
    let linger: Int32
    private let start: MonotonicInstant
    /// The connections that may still have something to carry; they come first, see ``Outflow``.
    let descriptors: [Int32]

    /// - Parameters:
    ///   - milliseconds: -1 is the socket's own setting.
    ///   - isInBackground: nobody waits for it in this call.
    ///   - report: tells of its end.
    /// - Returns: nil if the socket has been closed before.
    init?(
        _ handle: SocketHandle,
        linger milliseconds: Int32,
        since start: MonotonicInstant,
        isInBackground: Bool = false,
        report: ClosingReport? = nil
    ) throws(ZMQSocketError) {
        ClosingSockets.prepare()
        do throws(ZMQSocketError) {
            self = try handle.withCore { core in
                let linger = milliseconds < 0 ? core.usualLinger : milliseconds
                let closing = SocketClosing(core, linger, start, linger > 0 ? core.outgoingDescriptors : [])
                core.endUse(linger: linger, since: start, isInBackground: isInBackground, report: report)
                return closing
            }
        } catch {
            guard error.code == .closed else { throw error }
            return nil
        }
    }

    private init(_ core: SocketCore, _ linger: Int32, _ start: MonotonicInstant, _ descriptors: [Int32]) {
        self.core = core
        self.linger = linger
        self.start = start
        self.descriptors = descriptors
    }

    /// When the linger is over.
    var end: Deadline { Deadline(milliseconds: linger, after: start) }

    /// When the wait for libzmq is over.
    var last: Deadline { Deadline(milliseconds: linger, after: start.advanced(byNanoseconds: closingSlack)) }

    /// Lets libzmq close the socket within what is left of the linger.
    func closeSocket() {
        core.underLock { core.beginClose(linger: Outflow.rest(of: linger, since: start)) }
    }

    /// Does it all without anybody who waits: the supervisor looks after the connections meanwhile.
    func finishInBackground() { goOn(Outflow(on: descriptors, until: end)) }

    private func goOn(_ outflow: Outflow) {
        var outflow = outflow
        guard !outflow.isOver() else { return closeSocket() }
        let next = MonotonicInstant.now().advanced(byNanoseconds: Outflow.interval)
        _ = core.context.supervisor.schedule(at: next) { [outflow] in goOn(outflow) }
    }
}
