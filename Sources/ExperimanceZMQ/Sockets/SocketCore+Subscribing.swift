// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

extension SocketCore {
    /// A probe that was lost on the way (a full queue, a link that broke) is asked again after this.
    private static let probeInterval: Int64 = 500 * nanosecondsPerMillisecond

    /// Messages that a wait for echoes takes out of libzmq to find them; beyond that it leaves the rest to the reader.
    private var heldLimit: Int { max(1_000, options.receiveHighWaterMark) }

    func setSubscription(_ option: Int32, _ topic: UnsafeRawBufferPointer) -> Code {
        guard let socket else { return .closed }
        let status = ZMQ.set(socket, option: option, to: topic)
        // The subscription goes out when the socket works through its commands.
        pump()
        return Code(errno: status)
    }

    /// Waits until every publisher this subscriber is linked to has its subscriptions.
    func waitSubscribed(timeout: Int32) -> Code {
        let until = deadline(timeout)
        var hasHeardAny = false
        while true {
            let probe = SubscriptionProbe.make()
            let losses = lossCount
            probes[probe] = ProbeEchoes()
            _ = probe.withUnsafeBytes { setSubscription(ZMQ_SUBSCRIBE, $0) }
            let next = MonotonicInstant.now().advanced(byNanoseconds: Self.probeInterval)
            let code = wait(
                for: [.readable, .state],
                until: next < until.instant ? Deadline(next) : until
            ) {
                holdArrivedMessages()
                let echoes = probes[probe]?.count ?? 0
                hasHeardAny = hasHeardAny || echoes > 0
                // An echo from a peer that is gone proves nothing about the one in its place.
                guard losses == lossCount else { return .peerLost }
                return echoes > 0 && echoes >= peerCount ? .ok : nil
            }
            probes[probe] = nil
            if !isClosed { _ = probe.withUnsafeBytes { setSubscription(ZMQ_UNSUBSCRIBE, $0) } }
            if code == .timeout, !until.hasPassed(at: .now()) { continue }
            if code == .peerLost { continue }
            return code == .timeout && peerCount > 0 && !hasHeardAny ? .notSupported : code
        }
    }

    /// Moves what has arrived to where the next receive finds it, taking the echoes out.
    private func holdArrivedMessages() {
        guard let socket else { return }
        while held.count < heldLimit, ZMQ.receive(socket, into: &slot.pointee.inbound) >= 0 {
            holdInbound(from: socket)
        }
    }
}
