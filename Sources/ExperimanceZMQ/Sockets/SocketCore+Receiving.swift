// SPDX-License-Identifier: Apache-2.0

import DequeModule
import Glibc

extension SocketCore {
    /// Takes the message whose first frame lies in the slot's `inbound` over, with all its parts. A probe's echo is
    /// noted and goes no further.
    ///
    /// - Parameter first: a part that has been taken already.
    func holdInbound(from socket: RawSocket, after first: UnsafeRawBufferPointer? = nil) {
        if let message = takeInbound(from: socket, after: first) {
            inbox.append(message)
        }
    }

    /// The message whose first frame lies in `inbound`; nil if it was an echo, or there was no memory for the list of
    /// its parts.
    func takeInbound(from socket: RawSocket, after first: UnsafeRawBufferPointer? = nil) -> ReceivedMessage? {
        // libzmq looks the source up in a table of texts.
        let source = slot.pointee.filtersProbes ? slot.pointee.inbound.sourceDescriptor : nil
        guard let message = ReceivedMessage(&slot.pointee.inbound, from: socket, after: first) else {
            journal.count(.noMemory)
            return nil
        }
        switch role {
        case .subscriber(let subscriber):
            guard case .echo(let isAwaited) = subscriber.receive(message, from: source) else { return message }
            if isAwaited { waiters.wakeAll(.state) }
            return nil
        default:
            return message
        }
    }

    /// The oldest message that can be had now, held or new; nil if there is none.
    func nextMessage() -> Result<ReceivedMessage, ZMQSocketError>? {
        freshenHeld()
        if let message = inbox.takeFirst() {
            return .success(message)
        }
        guard let socket else { return .failure(ZMQSocketError(.closed)) }
        while true {
            if slot.pointee.inbound.receive(from: socket) >= 0 {
                if let message = takeInbound(from: socket) { return .success(message) }
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
        guard options.conflate, !inbox.isEmpty, let socket else { return }
        while slot.pointee.inbound.receive(from: socket) >= 0 {
            guard let newest = takeInbound(from: socket) else { continue }
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
