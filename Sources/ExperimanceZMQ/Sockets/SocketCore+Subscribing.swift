// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    /// A probe that was lost on the way (a full queue, a link that broke) is asked again after this.
    private static let probeInterval: Int64 = 500 * nanosecondsPerMillisecond

    /// Who has not answered after this does not know the question.
    private static let answerTime: Int64 = 100 * nanosecondsPerMillisecond

    /// Messages that are taken out of libzmq before it drops them.
    private var heldLimit: Int { max(1_000, options.receiveHighWaterMark) }

    /// Bytes up to which more messages are held than the user lets a peer queue.
    private static let heldBytes = 8 << 20

    /// Whether a wait for echoes may take a message more out of libzmq to find them; if not, it leaves the rest to the
    /// reader. How large they are, the senders choose.
    private var mayHoldMore: Bool {
        inbox.count < options.receiveHighWaterMark || (inbox.count < heldLimit && inbox.byteCount < Self.heldBytes)
    }

    func apply(
        _ change: SubscriptionChange,
        to topic: UnsafeRawBufferPointer,
        of subscriber: SubscriberRole
    ) -> Code {
        guard let socket else { return .closed }
        guard subscriber.apply(change, to: Array(topic)) else { return .ok }
        let status = ZMQ.set(change, to: topic, of: socket)
        // The subscription goes out when the socket works through its commands.
        pump()
        startLivenessWatch()
        return Code(errno: status)
    }

    /// Waits until every publisher this subscriber is linked to has its subscriptions.
    func waitSubscribed(_ subscriber: SubscriberRole, timeout: Int32) -> Code {
        let start = MonotonicInstant.now()
        let until = deadline(timeout)
        var hasHeardAny = false
        while true {
            let probe = subscriber.beginProbe()
            let losses = subscriber.losses
            _ = probe.withUnsafeBytes { apply(.subscribe, to: $0, of: subscriber) }
            let next = MonotonicInstant.now().advanced(byNanoseconds: Self.probeInterval)
            let code = wait(
                for: [.readable, .state],
                until: next < until.instant ? Deadline(next) : until
            ) {
                holdArrivedMessages { mayHoldMore }
                if readiness.isOpen { _ = readEvents() }
                let echoes = subscriber.echoes(of: probe)
                hasHeardAny = hasHeardAny || echoes > 0
                // An echo from a peer that is gone proves nothing about the one in its place.
                guard losses == subscriber.losses else { return .peerLost }
                return echoes > 0 && echoes >= peerCount ? .ok : nil
            }
            subscriber.endProbe(probe)
            if !isClosed { _ = probe.withUnsafeBytes { apply(.unsubscribe, to: $0, of: subscriber) } }
            if code == .timeout, !until.hasPassed(at: .now()) { continue }
            if code == .peerLost { continue }
            // A publisher of this library answers at once, if its answer does not stand behind messages nobody reads.
            let hadTheChance = until.instant.nanoseconds(since: start) >= Self.answerTime && mayHoldMore
            return code == .timeout && peerCount > 0 && !hasHeardAny && hadTheChance ? .notSupported : code
        }
    }

    /// Moves what has arrived to where the next receive finds it, taking the echoes out.
    func holdArrivedMessages() { holdArrivedMessages { inbox.count < heldLimit } }

    private func holdArrivedMessages(while hasRoom: () -> Bool) {
        guard let socket else { return }
        let before = inbox.count
        while hasRoom(), slot.pointee.inbound.receive(from: socket) >= 0 {
            holdInbound(from: socket)
        }
        // Of what was taken out of libzmq its descriptor tells nobody any more.
        if inbox.count > before { waiters.wakeAll(.readable) }
    }
}
