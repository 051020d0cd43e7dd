// SPDX-License-Identifier: Apache-2.0

extension SocketHandle {
    /// Sends a request and waits for its answer, which has one part, and passes: it is not to be kept but by giving it
    /// back.
    package func request(
        _ data: UnsafeRawBufferPointer,
        isIdempotent: Bool,
        timeout: Int32
    ) throws(ZMQSocketError) -> ReceivedMessage {
        try Self.check(timeout: timeout)
        return try withCore { core throws(ZMQSocketError) in
            let reply = try unsafe core.request(data, isIdempotent, timeout)
            guard reply.partCount == 1 else { throw core.keep(reply, .state) }
            return reply
        }
    }

    /// Sends a request of several parts and waits for its answer, of any number of parts.
    package func request(
        parts: [UnsafeRawBufferPointer],
        isIdempotent: Bool,
        timeout: Int32
    ) throws(ZMQSocketError) -> ReceivedMessage {
        try Self.check(timeout: timeout)
        guard let first = unsafe parts.first else { throw ZMQSocketError(.invalid, message: "there are no parts") }
        return try withCore { core throws(ZMQSocketError) in
            var operation = unsafe RequestOperation(
                first,
                others: Array(parts.dropFirst()),
                isIdempotent: isIdempotent,
                timeout: ZMQTimeout(milliseconds: timeout)
            )
            return try core.perform(&operation)
        }
    }

    /// A request of one part with the answer, which has one part, in a buffer.
    ///
    /// - Parameter size: the answer's size; also set when it does not fit, and is kept.
    package func request(
        _ data: UnsafeRawBufferPointer,
        isIdempotent: Bool,
        into buffer: UnsafeMutableRawBufferPointer,
        size: inout Int,
        timeout: Int32
    ) throws(ZMQSocketError) {
        try Self.check(timeout: timeout)
        var needed = 0
        defer { size = needed }
        try withCore { core throws(ZMQSocketError) in
            let reply = try unsafe core.request(data, isIdempotent, timeout)
            needed = reply.totalSize
            guard reply.partCount == 1 else { throw core.keep(reply, .state) }
            guard needed <= buffer.count else { throw core.keep(reply, .tooSmall) }
            reply.withPart(0) { unsafe buffer.copyMemory(from: $0) }
        }
    }
}

extension SocketHandle {
    /// A part as an array.
    ///
    /// - Throws: `noMemory`, and the message is the next one to be received.
    package func bytes(ofPart index: Int, of message: ReceivedMessage) throws(ZMQSocketError) -> [UInt8] {
        if let bytes = message.part(index) { return bytes }
        throw giveBack(message, .noMemory)
    }

    /// Makes a message that has been received the next one to be received, as it can not be handed over.
    package func giveBack(_ message: ReceivedMessage, _ code: Code) -> ZMQSocketError {
        do throws(ZMQSocketError) {
            return try withCore { core in core.keep(message, code) }
        } catch {
            return error
        }
    }
}

extension SocketCore {
    fileprivate func request(
        _ data: UnsafeRawBufferPointer,
        _ isIdempotent: Bool,
        _ timeout: Int32
    ) throws(ZMQSocketError) -> ReceivedMessage {
        var operation = unsafe RequestOperation(
            data,
            isIdempotent: isIdempotent,
            isPassing: true,
            timeout: ZMQTimeout(milliseconds: timeout)
        )
        return try perform(&operation)
    }

    /// Keeps a message that can not be handed over as it was asked for.
    fileprivate func keep(_ reply: ReceivedMessage, _ code: Code) -> ZMQSocketError {
        // A receive that cuts it does that again, and others do not.
        let reply = reply.uncut
        // It has been counted, and will be again by the receive that gets it.
        slot.pointee.messagesReceived &-= 1
        slot.pointee.bytesReceived &-= UInt64(reply.totalSize)
        putBack(reply)
        pump()
        let message =
            "a message of \(reply.partCount) part(s) and \(reply.totalSize) bytes is kept for the next receive"
        return fail(ZMQSocketError(code, message: message))
    }
}
