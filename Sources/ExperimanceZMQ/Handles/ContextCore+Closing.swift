// SPDX-License-Identifier: Apache-2.0

extension ContextCore {
    /// Closes every socket and ends the context. Back within linger + 100 ms; what is not finished then goes on in the
    /// background. Again: waits for the same end.
    package func close(linger milliseconds: Int32, goesOn: (() -> Bool)? = nil) throws(ZMQSocketError) {
        try checkProcess()
        let start = MonotonicInstant.now()
        let done = Completion()
        let (sockets, isFirst, isIdle) = beginClose(done)
        var wentOn = true
        if isFirst {
            let cores = sockets.compactMap { id in SocketCore.endUse(of: id) }
            if milliseconds > 0 {
                var descriptors: [Int32] = []
                for core in cores { core.underLock { descriptors += core.outgoingDescriptors } }
                let end = Deadline(milliseconds: milliseconds, after: start)
                wentOn = Outflow.wait(on: descriptors, until: end, goesOn: goesOn)
            }
            let linger = Outflow.rest(of: milliseconds, since: start)
            for core in cores { core.underLock { core.beginClose(linger: linger) } }
            if isIdle { terminate() }
        }
        let last = Deadline(milliseconds: milliseconds, after: start.advanced(byNanoseconds: closingSlack))
        guard wentOn, done.wait(until: last, goesOn: goesOn) || last.hasPassed(at: .now()) else {
            throw ZMQSocketError(.interrupted)
        }
    }
}

/// What closing may take beyond its linger, in nanoseconds; the promise is 100 ms.
let closingSlack: Int64 = 60 * nanosecondsPerMillisecond
