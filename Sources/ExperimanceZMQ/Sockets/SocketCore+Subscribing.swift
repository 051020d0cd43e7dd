// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    /// Messages that a wait for echoes takes out of libzmq to find them; beyond that it leaves the rest to the reader.
    var heldLimit: Int { max(1_000, options.receiveHighWaterMark) }

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

    /// Moves what has arrived to where the next receive finds it, taking the echoes out.
    func holdArrivedMessages() {
        guard let socket else { return }
        let before = inbox.count
        while inbox.count < heldLimit, slot.pointee.inbound.receive(from: socket) >= 0 {
            holdInbound(from: socket)
        }
        // Of what was taken out of libzmq its descriptor tells nobody any more.
        if inbox.count > before { waiters.wakeAll(.readable) }
    }
}
