// SPDX-License-Identifier: Apache-2.0

import LibC

// Receiving for Swift's sockets: with a message that is asked for come those behind it that are there already.
extension SocketCore {
    /// The oldest message that can be had now; nil if there is none.
    func takeMessage() -> Result<BatchedMessage, ZMQSocketError>? {
        while true {
            if let message = inbox.takeAhead() { return .success(message) }
            switch receiveAhead() {
            case .success?: continue
            case .failure(let error)?: return .failure(error)
            case nil: return nil
            }
        }
    }

    /// How many messages may be received at once. One, if what is received has to be seen one by one: by whoever
    /// watches the descriptor, takes turns, or wants the newest alone.
    private var batchLimit: Int {
        guard !options.conflate, !kind.takesTurns, !readiness.isOpen else { return 1 }
        return min(options.receiveHighWaterMark ?? .max, MessageBatch.limit)
    }

    /// Receives what is there, up to a limit.
    ///
    /// - Returns: nil if nothing is there.
    private func receiveAhead() -> Result<MessageBatch, ZMQSocketError>? {
        freshenHeld()
        guard let socket = unsafe socket else { return .failure(ZMQSocketError(.closed)) }
        guard let builder = inbox.takeBuilder() else { return .failure(ZMQSocketError(.noMemory)) }
        let limit = batchLimit
        while builder.count < limit, !builder.isFull, let message = inbox.takeFirst() { hold(message, in: builder) }
        let areLookedAt = areLookedAt
        var number: Int32 = 0
        while builder.count < limit, !builder.isFull {
            let size = unsafe slot.pointee.inbound.receive(from: socket)
            guard size >= 0 else {
                number = errno
                break
            }
            if !areLookedAt, slot.pointee.inbound.copyWhole(size, to: builder) {
                countReceived(size)
            } else {
                unsafe takeInbound(size, into: builder, from: socket)
                guard kind != .xpub || !leavesRest() else {
                    number = EAGAIN
                    break
                }
            }
        }
        let isEmpty = builder.count == 0
        let batch = inbox.beginAhead()
        if let batch { return .success(batch) }
        guard isEmpty else { return .failure(ZMQSocketError(.noMemory)) }
        return number == EAGAIN ? nil : .failure(ZMQSocketError(Code(errno: number), systemErrno: number))
    }

    /// Whether messages have to be looked at before they are handed over, all of them.
    private var areLookedAt: Bool {
        slot.pointee.firstBytesLookedAt > 0 || options.keepsSenders || kind == .router
    }

    private func hold(_ message: ReceivedMessage, in builder: BatchBuilder) {
        countReceived(message.totalSize)
        unsafe builder.hold(kind == .sub && options.wireForm == .space ? message.splitAtSpace() : message)
    }

    /// Takes the message over whose first frame lies in the slot's `inbound`. Short ones are copied, and what has to be
    /// looked at is looked at.
    ///
    /// - Parameter size: that of the first frame.
    private func takeInbound(_ size: Int, into builder: BatchBuilder, from socket: RawSocket) {
        let data = unsafe slot.pointee.inbound.data
        let mayBeEcho = unsafe kind == .sub && size > 0 && data?.load(as: UInt8.self) == 0
        let isHeld = size >= FramePart.shortSize || options.keepsSenders || kind == .router || kind == .xpub
        guard !isHeld, builder.hasRoom(for: size), !mayBeEcho else {
            if let message = unsafe takeInbound(from: socket) { hold(message, in: builder) }
            return
        }
        let start = builder.size
        if !slot.pointee.inbound.hasMore {
            countReceived(size)
            guard kind == .sub, options.wireForm == .space else {
                unsafe builder.copy(data, size)
                return unsafe builder.finish(from: start, first: size, second: nil)
            }
            let topic =
                unsafe data.flatMap { data in
                    unsafe memchr(data, Int32(UInt8(ascii: " ")), size).map { unsafe $0 - data }
                } ?? size
            let payload = min(topic + 1, size)
            unsafe builder.copy(data, topic)
            unsafe builder.copy(data.map { unsafe $0 + payload }, size - payload)
            return unsafe builder.finish(from: start, first: topic, second: size - payload)
        }
        unsafe builder.copy(data, size)
        guard unsafe slot.pointee.inbound.receiveNextPart(from: socket) else { return builder.rewind(to: start) }
        let next = slot.pointee.inbound.count
        if !slot.pointee.inbound.hasMore, next < FramePart.shortSize, builder.hasRoom(for: next) {
            countReceived(size + next)
            unsafe builder.copy(slot.pointee.inbound.data, next)
            unsafe builder.finish(from: start, first: size, second: next)
        } else {
            let message = builder.withBytes(from: start) { unsafe takeInbound(from: socket, after: $0) }
            builder.rewind(to: start)
            if let message { hold(message, in: builder) }
        }
    }
}

extension Frame {
    /// Copies a message that is short and has this part alone; false if it is another, or there is no room.
    @inline(__always)
    fileprivate mutating func copyWhole(_ size: Int, to builder: BatchBuilder) -> Bool {
        guard size < FramePart.shortSize, builder.hasRoom(for: size), !hasMore else { return false }
        unsafe builder.add(data, size)
        return true
    }
}
