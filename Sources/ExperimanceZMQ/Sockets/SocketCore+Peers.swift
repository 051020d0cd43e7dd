// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    static let peerGone = "a peer is gone"
    static let silentHost = "the peer's host does not answer any more"

    /// A peer with a finished handshake is gone, and not because this side ended the link.
    func peerWasLost(descriptor: Int32?, isOutgoing: Bool, isUsedAgain: Bool = false) {
        journal.countLostLink()
        peerIsGone(descriptor: descriptor, isOutgoing: isOutgoing, isUsedAgain: isUsedAgain)
    }

    /// A peer with a finished handshake is gone: what was known from it is void.
    func peerIsGone(descriptor: Int32?, isOutgoing: Bool, isUsedAgain: Bool = false) {
        role.peerIsGone()
        if let descriptor {
            subscriptionsLost(with: descriptor, isOutgoing: isOutgoing, isUsedAgain: isUsedAgain)
        }
        waiters.wakeAll(.state)
    }
}
