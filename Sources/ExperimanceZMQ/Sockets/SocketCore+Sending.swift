// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    /// Why a message can not be sent, whatever it may wait for; nil if it can.
    ///
    /// On a ROUTER the first part names the peer, and libzmq drops a message that has no other without a word.
    @inline(__always)
    func reasonNotToSend(_ size: Int, parts: Int) -> Code? {
        if slot.pointee.sendTraps.contains(.unsupported) || parts < 2 && kind == .router { return .notSupported }
        if size > slot.pointee.maxMessageSize { return .tooLarge }
        return mayTakeTurn() ? nil : .state
    }

    /// Whether a request or an answer can be sent now.
    private func mayTakeTurn() -> Bool {
        // The answer to a request is waited for.
        guard !isRequesting else { return false }
        giveUpInterruptedRequest()
        guard kind.takesTurns, !inbox.isEmpty else { return true }
        // A request that has not been received yet can not be answered.
        guard kind == .req else { return false }
        // An answer that nobody came for is given up with its request.
        inbox.dropAll()
        return true
    }

    /// What a send that was refused has to do for others: libzmq works through the socket's commands before it refuses,
    /// which uses its signal up.
    func afterRefusal() {
        guard !isClosed else { return }
        room.hasFailed()
        if hasAudience { pump() }
    }

    /// What a send may have to do for others.
    @inline(__always)
    func afterSend() {
        // An XPUB's notices can wait, where nobody waits for subscribers.
        if case .publisher(let publisher) = role, kind == .pub || waiters.stateWaiters > 0 { publisherTick(publisher) }
        if liveness.awaitsTraffic { startLivenessWatch() }
        if hasAudience { pump() }
    }
}
