// SPDX-License-Identifier: Apache-2.0

import LibC

extension SocketCore {
    /// Messages that are taken out of libzmq before it drops them.
    private var heldLimit: Int { max(1_000, options.receiveHighWaterMark ?? 0) }

    /// Bytes up to which more messages are held than the user lets a peer queue.
    private static let heldBytes = 8 << 20

    /// Messages that have been taken out of libzmq.
    private var heldCount: Int { inbox.count + (role.publisher?.postponedCount ?? 0) }

    /// Whether a wait for echoes may take a message more out of libzmq to find them; if not, it leaves the rest to the
    /// reader. How large they are, the senders choose.
    var mayHoldMore: Bool {
        heldCount < options.receiveHighWaterMark ?? 0 || (heldCount < heldLimit && inbox.byteCount < Self.heldBytes)
    }

    func apply(
        _ change: SubscriptionChange,
        to topic: UnsafeRawBufferPointer,
        of subscriber: SubscriberRole
    ) -> Code {
        guard let socket = unsafe socket else { return .closed }
        guard unsafe subscriber.apply(change, to: Array(topic)) else { return .ok }
        let status = unsafe ZMQ.set(change, to: topic, of: socket)
        // The subscription goes out when the socket works through its commands.
        pump()
        startLivenessWatch()
        return Code(errno: status)
    }

    /// The same on an XSUB, whose subscriptions are messages that it sends. libzmq keeps them.
    func send(
        _ change: SubscriptionChange,
        of topic: UnsafeRawBufferPointer,
        _ sender: SubscriptionSenderRole
    ) -> Code {
        guard let socket = unsafe socket else { return .closed }
        let name = unsafe Array(topic)
        guard sender.isSent(change, of: name) else {
            sender.note(change, of: name)
            return .ok
        }
        guard var notice = Frame(byteCount: 1 + topic.count) else { return .noMemory }
        unsafe notice.mutableBytes[0] = change == .subscribe ? 1 : 0
        unsafe UnsafeMutableRawBufferPointer(rebasing: notice.mutableBytes[1...]).copyMemory(from: topic)
        guard unsafe notice.send(to: socket) >= 0 else { return Code(errno: errno) }
        sender.note(change, of: name)
        pump()
        startLivenessWatch()
        return .ok
    }

    /// Moves what has arrived to where the next receive finds it, taking the echoes out.
    func holdArrivedMessages() { holdArrivedMessages { heldCount < heldLimit } }

    func holdArrivedMessages(while hasRoom: () -> Bool) {
        guard let socket = unsafe socket else { return }
        let before = inbox.count
        while hasRoom(), unsafe slot.pointee.inbound.receive(from: socket) >= 0 {
            unsafe holdInbound(from: socket)
        }
        // Of what was taken out of libzmq its descriptor tells nobody any more.
        if inbox.count > before { waiters.wakeAll(.readable) }
    }
}
