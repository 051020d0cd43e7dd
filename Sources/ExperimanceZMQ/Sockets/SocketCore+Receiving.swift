// SPDX-License-Identifier: Apache-2.0

import DequeModule
import LibC

extension SocketCore {
    /// Takes the message whose first frame lies in the slot's `inbound` over, with all its parts. A probe's echo is
    /// noted and goes no further.
    ///
    /// - Parameter first: a part that has been taken already.
    func holdInbound(from socket: RawSocket, after first: UnsafeRawBufferPointer? = nil) {
        if let message = unsafe takeInbound(from: socket, after: first) {
            inbox.append(message)
        }
    }

    /// The message whose first frame lies in `inbound`; nil if it was an echo, or there was no memory for the list of
    /// its parts.
    func takeInbound(
        from socket: RawSocket,
        after first: UnsafeRawBufferPointer? = nil,
        isPassing: Bool = false
    ) -> ReceivedMessage? {
        if case .router(let router) = role { return unsafe takeAddressed(from: socket, router) }
        if let publisher = role.publisher { return unsafe takeCounted(from: socket, publisher) }
        // libzmq looks the source up in a table of texts.
        let source = kind == .sub ? slot.pointee.inbound.sourceDescriptor : nil
        guard let message = unsafe takeParts(from: socket, after: first, isPassing: isPassing) else { return nil }
        if case .echo(let isAwaited)? = role.subscriber?.receive(message, from: source) {
            if isAwaited { waiters.wakeAll(.state) }
            return nil
        }
        return message
    }

    /// The same on an XPUB, which counts what the message says of subscriptions; nil also for a notice that the
    /// application is not to have.
    private func takeCounted(from socket: RawSocket, _ publisher: PublisherRole) -> ReceivedMessage? {
        // What comes now comes after a loss.
        while publisher.isBusy { report(publisher.takeLosses(), of: publisher) }
        if !slot.pointee.inbound.hasMore {
            let isTold = count(&slot.pointee.inbound, publisher)
            return isTold ? unsafe takeParts(from: socket) : nil
        }
        let origin = sender(of: &slot.pointee.inbound, to: publisher)
        let message = unsafe takeParts(from: socket)
        // libzmq takes a part that looks like a notice for one, and ends the message with it.
        let last = message.flatMap { whole in
            whole.withPart(whole.partCount - 1) { unsafe PublisherRole.Notice($0, ifThereIsMemory: true) }
        }
        if let notice = last ?? nil, !publisher.readsFirstPartsOnly {
            _ = publisher.count(notice, source: origin)
            waiters.wakeAll(.state)
        }
        return message
    }

    /// The message whose first frame lies in `inbound`, as it is.
    private func takeParts(
        from socket: RawSocket,
        after first: UnsafeRawBufferPointer? = nil,
        isPassing: Bool = false
    ) -> ReceivedMessage? {
        let message = unsafe ReceivedMessage(&slot.pointee.inbound, from: socket, after: first, isPassing: isPassing)
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
