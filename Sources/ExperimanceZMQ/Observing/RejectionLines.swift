// SPDX-License-Identifier: Apache-2.0

/// Which rejected peers have a line in the log: one a second at most, as it is strangers who choose how many there are.
/// The events and the statistics have all of them.
struct RejectionLines {
    private static let pause: Int64 = 1_000 * nanosecondsPerMillisecond

    private var last: MonotonicInstant?
    private var leftOut: UInt64 = 0

    /// The event as it is to be written: the next line tells how many have had none; nil for one that has none itself.
    mutating func line(for event: ZMQEvent, at now: MonotonicInstant) -> ZMQEvent? {
        guard event.kind == .peerRejected else { return event }
        if let last, now.nanoseconds(since: last) < Self.pause {
            leftOut &+= 1
            return nil
        }
        last = now
        defer { leftOut = 0 }
        guard leftOut > 0 else { return event }
        var line = event
        line.message = (event.message ?? "") + " (and \(leftOut) more peers since the last such line)"
        return line
    }
}
