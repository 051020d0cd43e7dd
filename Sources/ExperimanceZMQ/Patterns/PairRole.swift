// SPDX-License-Identifier: Apache-2.0

/// Whether a PAIR has a place for a peer.
///
/// libzmq gives the place to who comes first, and lets all others shake hands and ignores them for ever. It gives the
/// place of a peer that is gone away again only when everything that came from it has been received.
///
/// Touched with the lock of its socket held only.
final class PairRole {
    private var sentBeforeLoss: UInt64?

    /// The peer is gone.
    ///
    /// - Parameter messagesSent: the number of messages taken until now.
    func peerIsGone(messagesSent: UInt64) { sentBeforeLoss = messagesSent }

    /// Whether libzmq ignores the peer that has just finished its handshake.
    ///
    /// - Parameters:
    ///   - peers: others that are there, or that the place is kept for.
    ///   - canSend: libzmq has room for a message. Nobody has the place if not, or a whole queue was sent since.
    ///   - messagesSent: as before.
    ///   - queue: how many messages there is room for; 0 is without a limit.
    func isTaken(peers: Int, canSend: Bool, messagesSent: UInt64, queue: Int) -> Bool {
        guard peers == 0 else { return true }
        guard !canSend, let sentBeforeLoss else { return false }
        return queue == 0 || messagesSent &- sentBeforeLoss < UInt64(clamping: queue)
    }
}
