// SPDX-License-Identifier: Apache-2.0

import CLinux

/// What the kernel knows of a TCP connection that matters for whether the peer's host is still there.
struct ConnectionHealth: Equatable {
    /// Data is under way: sent and not acknowledged, or not sent yet.
    var hasDataUnderWay: Bool
    /// Segments are sent again, how often in a row.
    var retransmissions: Int
    /// Questions about a closed window, or of keep-alive, that were not answered.
    var unansweredProbes: Int
    /// Since the last acknowledgement, in nanoseconds.
    var silence: Int64

    /// Nil for a descriptor that is no TCP connection.
    init?(of descriptor: Int32) {
        var info = clinux_tcp_info()
        guard clinux_get_tcp_info(descriptor, &info) != 0 else { return nil }
        self.init(
            hasDataUnderWay: info.unacked > 0 || info.notsent_bytes > 0,
            retransmissions: info.unacked > 0 ? Int(info.retransmits) : 0,
            unansweredProbes: Int(info.probes),
            silence: Int64(info.last_ack_recv) * nanosecondsPerMillisecond
        )
    }

    init(hasDataUnderWay: Bool, retransmissions: Int, unansweredProbes: Int, silence: Int64) {
        self.hasDataUnderWay = hasDataUnderWay
        self.retransmissions = retransmissions
        self.unansweredProbes = unansweredProbes
        self.silence = silence
    }

    /// Whether the host is gone: it has been asked more than once and has been silent for that long.
    ///
    /// A consumer that does not read is not silent: its kernel acknowledges what it takes, and answers questions about
    /// the closed window. But those questions come at growing intervals, so silence alone means nothing.
    func isDead(after nanoseconds: Int64) -> Bool {
        silence >= nanoseconds && (retransmissions >= 2 || unansweredProbes >= 3)
    }
}
