// SPDX-License-Identifier: Apache-2.0

/// A socket that has ended for its users, and whose linger begins.
struct SocketClosing {
    let core: SocketCore
    /// In milliseconds.
    let linger: Int32
    private let start: MonotonicInstant
    /// The connections that may still have something to carry; they come first, see ``Outflow``.
    let descriptors: [Int32]

    /// - Parameter milliseconds: -1 is the socket's own setting.
    /// - Returns: nil if the socket has been closed before.
    init?(_ handle: SocketHandle, linger milliseconds: Int32, since start: MonotonicInstant) throws(ZMQSocketError) {
        ClosingSockets.prepare()
        do throws(ZMQSocketError) {
            self = try handle.withCore { core in
                let linger = milliseconds < 0 ? core.usualLinger : milliseconds
                // Before anybody else can end it.
                if linger > 0 { ClosingSockets.begun(core) }
                core.endUse()
                return SocketClosing(core, linger, start, linger > 0 ? core.outgoingDescriptors : [])
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

    /// Does it all on a thread of its own. Where there is none to be had, what the connections carry is not waited for.
    func finishInBackground() {
        guard !descriptors.isEmpty else { return closeSocket() }
        do throws(ZMQSocketError) {
            try OwnThread.start(named: "closing", of: core, core.context.threads) {
                ForkGate.leave()
                _ = Outflow.wait(on: descriptors, until: end, goesOn: nil)
                ForkGate.enter()
                closeSocket()
            }
        } catch {
            closeSocket()
        }
    }
}
