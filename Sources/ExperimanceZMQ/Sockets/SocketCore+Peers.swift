// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    static let peerGone = "a peer is gone"
    /// libzmq ends the connection of who sends too much, and does not tell that from one that the peer ends.
    static let peerGoneOrCutOff = "a peer is gone, or was cut off for sending more than max_message_size at once"
    static let silentHost = "the peer's host does not answer any more"

    /// A peer may send more than it is allowed to.
    var mayCutOff: Bool { kind.canReceive && options.maxMessageSize != nil }

    /// A peer with a finished handshake is gone, and not because this side ended the link.
    ///
    /// - Parameter later: what has become of the descriptor since.
    func peerWasLost(descriptor: Int32?, isOutgoing: Bool, later: MessageSources.LaterUse = .none) {
        journal.countLostLink()
        peerIsGone(descriptor: descriptor, isOutgoing: isOutgoing, later: later)
    }

    /// A peer with a finished handshake is gone: what was known from it is void.
    func peerIsGone(descriptor: Int32?, isOutgoing: Bool, later: MessageSources.LaterUse = .none) {
        role.peerIsGone()
        role.pair?.peerIsGone(messagesSent: slot.pointee.messagesSent)
        if let descriptor {
            letComeAgain(after: descriptor, later: later)
            subscriptionsLost(with: descriptor, isOutgoing: isOutgoing, later: later)
        }
        waiters.wakeAll(.state)
    }

    // MARK: Peers that are ignored

    /// Whether libzmq ignores the peer that has just finished its handshake.
    var hasNoPlace: Bool {
        guard let pair = role.pair else { return false }
        // It is there for libzmq once that has worked through the commands.
        let events = readEvents()
        unsafe wakeSatisfied(events)
        return pair.isTaken(
            peers: bound.peers + connecting.queues(),
            canSend: events.contains(.writable),
            messagesSent: slot.pointee.messagesSent,
            queue: options.sendHighWaterMark ?? 0
        )
    }
}
