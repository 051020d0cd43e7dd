// SPDX-License-Identifier: Apache-2.0

extension SocketHandle {
    /// Closes the socket and waits until libzmq has given everything back, at most linger + 100 ms. Closing again is
    /// not an error.
    ///
    /// - Parameters:
    ///   - milliseconds: how long what is queued may still be sent; -1 is the socket's own setting.
    ///   - goesOn: asked when a signal comes; false ends the wait with `interrupted`, and the rest of the linger passes
    ///     in the background.
    package func close(linger milliseconds: Int32, goesOn: (() -> Bool)? = nil) -> Code {
        guard milliseconds >= -1 else { return .invalid }
        let start = MonotonicInstant.now()
        do throws(ZMQSocketError) {
            guard let closing = try SocketClosing(self, linger: milliseconds, since: start) else {
                return awaitEndInBackground(linger: milliseconds, since: start, goesOn: goesOn)
            }
            let wentOn = Outflow.wait(on: closing.descriptors, until: closing.end, goesOn: goesOn)
            closing.closeSocket()
            guard wentOn else { return .interrupted }
            return Self.awaitEnd(of: closing.core, linger: closing.linger, since: start, goesOn: goesOn)
        } catch {
            return error.code
        }
    }

    /// The same for the current task. Where that is cancelled the rest of it happens in the background.
    nonisolated(nonsending) func closeInTask(linger milliseconds: Int32) async throws(ZMQSocketError) {
        guard let closing = try SocketClosing(self, linger: milliseconds, since: .now()) else { return }
        guard await Outflow.waitInTask(on: closing.descriptors, until: closing.end) else {
            return closing.finishInBackground()
        }
        closing.closeSocket()
        _ = await closing.core.finished.waitInTask(until: closing.last)
    }

    /// Closes a socket that nobody has any more, without waiting: its own linger passes in the background.
    ///
    /// Unlike `beginClose` it first lets the connections carry what libzmq has written.
    package func closeInBackground() {
        (try? SocketClosing(self, linger: -1, since: .now(), isInBackground: true))?.finishInBackground()
    }

    /// Begins to close the socket, whose linger passes in the background. Again, or behind a close, it is not an error.
    ///
    /// - Parameters:
    ///   - milliseconds: as for closing.
    ///   - isReported: whether the caller wants to know of the end.
    /// - Returns: a descriptor of the caller's that is readable then; nil unless that was asked for.
    /// - Throws: `limit` out of descriptors, and the socket is as it was.
    package func startClosing(linger milliseconds: Int32, isReported: Bool) throws(ZMQSocketError) -> Int32? {
        guard milliseconds >= -1 else { throw ZMQSocketError(.invalid, message: "linger_ms is \(milliseconds)") }
        let report = isReported ? try ClosingReport() : nil
        do throws(ZMQSocketError) {
            let closing = try SocketClosing(
                self,
                linger: milliseconds,
                since: .now(),
                isInBackground: true,
                report: report
            )
            if let closing {
                closing.finishInBackground()
            } else if let report {
                ClosingSockets.add(report, to: rawValue)
            }
        } catch {
            report?.takeBack()
            throw error
        }
        return report?.descriptor
    }

    /// Waits for the end of a socket whose closing nobody else waits for.
    private func awaitEndInBackground(
        linger milliseconds: Int32,
        since start: MonotonicInstant,
        goesOn: (() -> Bool)?
    ) -> Code {
        guard let entry = ClosingSockets.entry(of: rawValue), entry.isInBackground else { return .ok }
        let linger = milliseconds < 0 ? entry.core.usualLinger : milliseconds
        return Self.awaitEnd(of: entry.core, linger: linger, since: start, goesOn: goesOn)
    }

    /// Waits for the end of a socket that another close, which has a linger, has begun to close.
    ///
    /// - Parameters:
    ///   - milliseconds: what is left of the linger.
    ///   - goesOn: as for closing.
    package func awaitEnd(linger milliseconds: Int32, goesOn: (() -> Bool)?) -> Code {
        guard let core = ClosingSockets.entry(of: rawValue)?.core else { return .ok }
        return Self.awaitEnd(of: core, linger: milliseconds, since: .now(), goesOn: goesOn)
    }

    private static func awaitEnd(
        of core: SocketCore,
        linger: Int32,
        since start: MonotonicInstant,
        goesOn: (() -> Bool)?
    ) -> Code {
        let last = Deadline(milliseconds: linger, after: start.advanced(byNanoseconds: closingSlack))
        return core.finished.wait(until: last, goesOn: goesOn) || last.hasPassed(at: .now()) ? .ok : .interrupted
    }

    /// Closes the socket without waiting for what it still has to send.
    ///
    /// - Parameter milliseconds: -1 is the socket's own linger.
    package func beginClose(linger milliseconds: Int32) {
        try? withCore { core in
            core.beginClose(linger: milliseconds < 0 ? core.usualLinger : milliseconds)
        }
    }
}
