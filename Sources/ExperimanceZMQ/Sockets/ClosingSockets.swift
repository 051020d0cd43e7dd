// SPDX-License-Identifier: Apache-2.0

/// The sockets whose closing has begun and has not ended: to wait for what goes on in the background.
///
/// A close that does not wait, or that a signal has ended, has no caller any more, and no call finds the socket, so
/// this is what keeps it.
enum ClosingSockets {
    /// A socket that is closing.
    struct Entry {
        let core: SocketCore
        /// Until then what is queued may be sent.
        let lingerEnd: MonotonicInstant
        /// Nobody waits for its end any longer than until then.
        let last: MonotonicInstant
        /// Something has been sent that may still be queued.
        let mayDrop: Bool
        /// The call that closes it does not wait.
        let isInBackground: Bool
        var reports: [ClosingReport] = []
        /// Set for `last` while there are reports.
        var alarm: Supervisor.Token?

        /// - Parameter linger: in milliseconds.
        init(_ core: SocketCore, linger: Int32, since start: MonotonicInstant, isInBackground: Bool = false) {
            self.core = core
            self.isInBackground = isInBackground
            lingerEnd = Deadline(milliseconds: linger, after: start).instant
            last = Deadline(milliseconds: linger, after: start.advanced(byNanoseconds: closingSlack)).instant
            mayDrop = core.mayHaveQueue
        }
    }

    private static let entries: Guarded<[UInt64: Entry]> = {
        ForkGuard.inChild {
            entries.withLock { inherited in
                // Their end comes in the parent. Letting them go would end in libzmq waiting for its threads.
                for entry in inherited.values { _ = unsafe Unmanaged.passRetained(entry.core) }
                inherited = [:]
            }
        }
        let guarded = Guarded<[UInt64: Entry]>([:])
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() { _ = entries }

    static func begun(_ entry: Entry) {
        entries.withLock { entries in
            entries[entry.core.id] = entry
            if !entry.reports.isEmpty { limitWait(for: &entries[entry.core.id]) }
        }
    }

    /// libzmq has given everything back.
    static func ended(_ id: UInt64) {
        guard let entry = entries.withLock({ $0.removeValue(forKey: id) }) else { return }
        if let alarm = entry.alarm { entry.core.context.supervisor.cancel(alarm) }
        let isInTime = !entry.mayDrop || MonotonicInstant.now() < entry.lingerEnd
        for report in entry.reports { report.tell(isInTime ? .handedOver : .mayHaveDropped) }
    }

    /// - Returns: nil if its closing is over.
    static func entry(of id: UInt64) -> Entry? {
        entries.withLock { $0[id] }
    }

    /// Has the end of a socket reported that was closed before.
    static func add(_ report: ClosingReport, to id: UInt64) {
        let isClosing = entries.withLock { entries in
            entries[id]?.reports.append(report)
            limitWait(for: &entries[id])
            return entries[id] != nil
        }
        if !isClosing { report.tell(.mayHaveDropped) }
    }

    /// What libzmq has not finished by then goes on without being waited for.
    private static func limitWait(for entry: inout Entry?) {
        guard let core = entry?.core, let last = entry?.last, entry?.alarm == nil else { return }
        entry?.alarm = core.context.supervisor.schedule(at: last) { [id = core.id] in giveUp(id) }
    }

    private static func giveUp(_ id: UInt64) {
        let reports = entries.withLock { entries in
            defer {
                entries[id]?.reports = []
                entries[id]?.alarm = nil
            }
            return entries[id]?.reports ?? []
        }
        for report in reports { report.tell(.mayHaveDropped) }
    }
}

/// What closing may take beyond its linger, in nanoseconds; the promise is 100 ms.
let closingSlack: Int64 = 60 * nanosecondsPerMillisecond
