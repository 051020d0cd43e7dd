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
    /// Data does not even leave this host, though the peer has room for it.
    var isStuck = false
    /// Since the last acknowledgement, in nanoseconds.
    var silence: Int64

    /// Nil for a descriptor that is no TCP connection.
    init?(of descriptor: Int32) {
        var info = clinux_tcp_info()
        guard unsafe clinux_get_tcp_info(descriptor, &info) != 0 else { return nil }
        self.init(
            hasDataUnderWay: info.unacked > 0 || info.notsent_bytes > 0,
            retransmissions: info.unacked > 0 ? Int(info.retransmits) : 0,
            unansweredProbes: Int(info.probes),
            silence: Int64(info.last_ack_recv) * nanosecondsPerMillisecond
        )
        isStuck = info.unacked == 0 && info.notsent_bytes > 0 && info.snd_wnd >= max(1, info.snd_mss)
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
    /// the closed window. But those questions may come at growing intervals, so silence alone means nothing. Data that
    /// does not leave this host, as its route is gone, counts as such a question to the kernel: there one is enough.
    func isDead(after nanoseconds: Int64) -> Bool {
        silence >= nanoseconds && (retransmissions >= 2 || unansweredProbes >= (isStuck ? 1 : 3))
    }
}
