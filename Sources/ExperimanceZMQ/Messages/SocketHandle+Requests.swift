// SPDX-License-Identifier: Apache-2.0

extension SocketHandle {
    /// Sends a request and waits for its answer.
    package func request(
        _ data: UnsafeRawBufferPointer,
        isIdempotent: Bool,
        timeout: Int32
    ) throws(ZMQSocketError) -> [UInt8] {
        try Self.check(timeout: timeout)
        return try withCore { core throws(ZMQSocketError) in
            let reply = try core.request(data, isIdempotent: isIdempotent, timeout: timeout)
            guard reply.partCount == 1 else { throw core.keep(reply, .state) }
            return reply.bytes
        }
    }

    /// The same with the answer in a buffer.
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
            let reply = try core.request(data, isIdempotent: isIdempotent, timeout: timeout)
            needed = reply.totalSize
            guard reply.partCount == 1 else { throw core.keep(reply, .state) }
            guard needed <= buffer.count else { throw core.keep(reply, .tooSmall) }
            reply.bytes.withUnsafeBytes { buffer.copyMemory(from: $0) }
        }
    }
}

extension SocketCore {
    /// Keeps an answer that can not be handed over as it was asked for.
    fileprivate func keep(_ reply: ReceivedMessage, _ code: Code) -> ZMQSocketError {
        // It has been counted, and will be again by the receive that gets it.
        slot.pointee.messagesReceived &-= 1
        slot.pointee.bytesReceived &-= UInt64(reply.totalSize)
        putBack(reply)
        pump()
        let message =
            "the answer has \(reply.partCount) part(s) of \(reply.totalSize) bytes and is kept for the next receive"
        return fail(ZMQSocketError(code, message: message))
    }
}
