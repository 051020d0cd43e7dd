// SPDX-License-Identifier: Apache-2.0

import DequeModule
import LibC

extension SocketCore {
    /// Takes the message whose first frame lies in the slot's `inbound` over, with all its parts. A probe's echo is
    /// noted and goes no further.
    ///
    /// - Parameter first: a part that has been taken already.
    /// - Returns: false if what libzmq has behind it is to be left there for now, see ``leavesRest()``.
    @discardableResult
    func holdInbound(from socket: RawSocket, after first: UnsafeRawBufferPointer? = nil) -> Bool {
        guard let message = unsafe takeInbound(from: socket, after: first) else { return !leavesRest() }
        inbox.append(message)
        return true
    }

    /// The message whose first frame lies in `inbound`; nil if it was an echo, or there was no memory for the list of
    /// its parts.
    func takeInbound(
        from socket: RawSocket,
        after first: UnsafeRawBufferPointer? = nil,
        isPassing: Bool = false
    ) -> ReceivedMessage? {
        if case .router(let router) = role { return unsafe takeAddressed(from: socket, router) }
        if let publisher = role.publisher {
            guard let arrival = unsafe takeArrival(from: socket, publisher) else { return nil }
            return publisher.admit(arrival) ? tell(arrival, publisher) : nil
        }
        // libzmq looks the source up in a table of texts.
        let source = kind == .sub ? slot.pointee.inbound.sourceDescriptor : nil
        guard let message = unsafe takeParts(from: socket, after: first, isPassing: isPassing) else { return nil }
        if case .echo(let isAwaited)? = role.subscriber?.receive(message, from: source) {
            if isAwaited { waiters.wakeAll(.state) }
            return nil
        }
        return message
    }

    /// The same on an XPUB: the message, and what it says of subscriptions.
    private func takeArrival(from socket: RawSocket, _ publisher: PublisherRole) -> PublisherRole.Arrival? {
        let isAlone = !slot.pointee.inbound.hasMore
        let mayBeNotice = !isAlone || slot.pointee.inbound.withBytes { unsafe $0.first ?? .max } <= 1
        let source = mayBeNotice ? sender(of: &slot.pointee.inbound, to: publisher) : nil
        guard let message = unsafe takeParts(from: socket) else { return nil }
        // libzmq takes a part that looks like a notice for one, and ends the message with it.
        let notice = message.withPart(message.partCount - 1) {
            unsafe PublisherRole.Notice($0, ifThereIsMemory: true)
        }
        let isRead = isAlone || !publisher.readsFirstPartsOnly
        return PublisherRole.Arrival(message: message, notice: isRead ? notice ?? nil : nil, source: source)
    }

    /// Counts what the message says; nil for a notice that the application is not to have.
    private func tell(_ arrival: PublisherRole.Arrival, _ publisher: PublisherRole) -> ReceivedMessage? {
        guard let notice = arrival.notice else { return arrival.message }
        let isTold = publisher.count(notice, source: arrival.source)
        waiters.wakeAll(.state)
        return isTold || arrival.message.partCount > 1 ? arrival.message : nil
    }

    /// What had to wait for a loss goes to where a receive finds it.
    func holdPostponed(of publisher: PublisherRole) {
        for arrival in publisher.takePostponed() {
            if let message = tell(arrival, publisher) { inbox.append(message) }
        }
    }

    /// The message whose first frame lies in `inbound`, as it is.
    private func takeParts(
        from socket: RawSocket,
        after first: UnsafeRawBufferPointer? = nil,
        isPassing: Bool = false
    ) -> ReceivedMessage? {
        let message = unsafe ReceivedMessage(
            &slot.pointee.inbound,
            from: socket,
            after: first,
            isPassing: isPassing,
            believesUserIDs: believesUserIDs,
            keepsMetadata: keepsMetadata
        )
        if message == nil { journal.count(.noMemory) }
        return message
    }

    /// The same on a ROUTER, whose messages begin with the name of their sender.
    private func takeAddressed(from socket: RawSocket, _ router: RouterRole) -> ReceivedMessage? {
        var name = slot.pointee.inbound.bytes
        guard slot.pointee.inbound.hasMore else { return nil }
        var first = Frame(moving: &slot.pointee.inbound)
        // libzmq does not always say of the name where it came from.
        guard unsafe slot.pointee.inbound.receiveNextPart(from: socket) else { return nil }
        if let origin = slot.pointee.inbound.origin {
            unsafe name.withUnsafeBytes { unsafe noteIdentity($0, from: origin, in: &first, of: router) }
        }
        // What a connection had sent before its identity was handed over comes under a name that libzmq has made up. It
        // is to have the one that its sender has chosen, where an answer finds whoever has taken its place.
        if name.first == 0, let chosen = slot.pointee.inbound.property("Identity"), !chosen.isEmpty {
            name = chosen
        }
        return unsafe name.withUnsafeBytes { unsafe takeParts(from: socket, after: $0) }
    }

    /// The oldest message that can be had now, held or new; nil if there is none.
    ///
    /// - Parameter isPassing: it goes no further than the call that asks for it, unless it is settled.
    func nextMessage(isPassing: Bool = false) -> Result<ReceivedMessage, ZMQSocketError>? {
        freshenHeld()
        if let message = inbox.takeFirst() {
            return .success(message)
        }
        guard let socket = unsafe socket else { return .failure(ZMQSocketError(.closed)) }
        while true {
            if unsafe slot.pointee.inbound.receive(from: socket) >= 0 {
                if let message = unsafe takeInbound(from: socket, isPassing: isPassing) { return .success(message) }
                guard !leavesRest() else { return nil }
                continue
            }
            let number = errno
            return number == EAGAIN ? nil : .failure(ZMQSocketError(Code(errno: number), systemErrno: number))
        }
    }

    /// Whether libzmq may call readable what a receive drops: former answers, what is no request, echoes.
    var mayDropArrived: Bool { kind.takesTurns || role.subscriber?.mayGetEchoes == true }

    /// Moves the next message that a receive would hand over to where it finds it, if there is one.
    func holdNextMessage() {
        guard case .success(let message)? = nextMessage() else { return }
        inbox.append(message)
    }

    /// A socket that keeps the newest message alone does so here, too: it takes the place of the one that was held.
    func freshenHeld() {
        guard options.conflate, !inbox.isEmpty, let socket = unsafe socket else { return }
        while unsafe slot.pointee.inbound.receive(from: socket) >= 0 {
            guard let newest = unsafe takeInbound(from: socket) else { continue }
            inbox.dropAll()
            inbox.append(newest)
        }
    }

    /// Puts a message back as the next one to be received.
    func putBack(_ message: ReceivedMessage) {
        inbox.putBack(message)
        waiters.wakeFirst(.readable)
    }
}
