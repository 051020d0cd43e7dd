// SPDX-License-Identifier: Apache-2.0

extension SocketHandle {
    /// Closes a socket that nobody has any more, without waiting: its own linger passes in the background.
    ///
    /// Unlike `beginClose` it first lets the connections carry what libzmq has written, on a thread of its own. Where
    /// there is none to be had, that is left out.
    package func closeInBackground() {
        ClosingSockets.prepare()
        let start = MonotonicInstant.now()
        let begun = try? withCore { core in
            let linger = core.usualLinger
            if linger > 0 { ClosingSockets.begun(core) }
            core.endUse()
            return (core, linger, linger > 0 ? core.outgoingDescriptors : [])
        }
        guard let (core, linger, descriptors) = begun else { return }
        guard !descriptors.isEmpty else {
            core.underLock { core.beginClose(linger: linger) }
            return
        }
        do throws(ZMQSocketError) {
            try OwnThread.start(named: "exz-closing", of: core) {
                ForkGate.leave()
                _ = Outflow.wait(on: descriptors, until: Deadline(milliseconds: linger, after: start), goesOn: nil)
                ForkGate.enter()
                core.underLock { core.beginClose(linger: Outflow.rest(of: linger, since: start)) }
            }
        } catch {
            core.underLock { core.beginClose(linger: linger) }
        }
    }
}
