// SPDX-License-Identifier: Apache-2.0

import LibC

// Many messages of one part in one call: one look-up, one lock, one crossing of the language border.
extension SocketHandle {
    /// The most messages one call receives, which bounds how long it keeps the lock.
    package static let batchLimit = 65_536

    /// Sends messages in their order, until all are taken or the deadline comes.
    ///
    /// - Parameters:
    ///   - data: the messages, one behind the other.
    ///   - sizes: their sizes.
    ///   - sent: how many were taken; written whatever the answer.
    /// - Returns: `ok` if all were taken, else why the first of the rest was not.
    package func sendMany(
        _ data: UnsafeRawPointer?,
        sizes: UnsafeBufferPointer<Int>,
        sent: inout Int,
        timeout: Int32
    ) -> Code {
        sent = 0
        guard timeout >= -1 else { return .invalid }
        var total = 0
        for place in 0..<sizes.count {
            let size = unsafe sizes[place]
            let (sum, overflow) = total.addingReportingOverflow(size)
            guard size >= 0, !overflow else { return .invalid }
            total = sum
        }
        guard unsafe data != nil || total == 0 else { return .invalid }
        return unsafe sendMany(PackedMessages(data, sizes: sizes), sent: &sent, timeout: timeout)
    }

    /// The same with messages that are in memory of their own each.
    package func sendMany(_ messages: [UnsafeRawBufferPointer], sent: inout Int, timeout: Int32) -> Code {
        sent = 0
        guard timeout >= -1 else { return .invalid }
        return unsafe sendMany(ScatteredMessages(messages), sent: &sent, timeout: timeout)
    }

    private func sendMany(_ messages: some OutgoingMessages, sent: inout Int, timeout: Int32) -> Code {
        var operation = SendManyOperation(messages, timeout: ZMQTimeout(milliseconds: timeout))
        defer { sent = operation.sent }
        do throws(ZMQSocketError) {
            repeat {
                try withCore { core throws(ZMQSocketError) in try core.perform(&operation) }
            } while operation.isUnfinished
            return .ok
        } catch {
            return error.code
        }
    }

    /// Sends messages in their order, for as long as none has to wait and nothing else is to be seen to, and no more
    /// than a portion: others want the lock, too.
    ///
    /// - Returns: how many were taken, from the first on.
    func trySendMany(_ messages: UnsafeBufferPointer<[UInt8]>) -> Int {
        guard let slot = socketSlots.slot(of: rawValue), slot.take() else { return 0 }
        defer { slot.unlock() }
        guard unsafe slot.pointee.liveID == rawValue, unsafe slot.pointee.sendTraps.isEmpty,
            let socket = unsafe slot.pointee.socket
        else {
            return 0
        }
        let limit = unsafe slot.pointee.shortMessageSize
        // Spans of spans: without them each array is retained for its send.
        let messages = unsafe messages.span
        var (sent, size) = (0, 0)
        while sent < messages.count, sent < OutgoingPortion.limit {
            let taken = unsafe messages[sent].span.withUnsafeBytes { bytes in
                unsafe bytes.count <= limit && ZMQ.send(socket, bytes.baseAddress, bytes.count) >= 0 ? bytes.count : -1
            }
            guard taken >= 0 else { break }
            sent += 1
            size += taken
        }
        unsafe slot.pointee.messagesSent &+= UInt64(truncatingIfNeeded: sent)
        unsafe slot.pointee.bytesSent &+= UInt64(truncatingIfNeeded: size)
        return sent
    }

    /// Receives messages of one part: waits for the first and takes what is there.
    ///
    /// - Parameters:
    ///   - buffer: gets the messages, one behind the other.
    ///   - sizes: get their sizes; the first one also with `tooSmall`.
    ///   - count: how many came; 0 unless the answer is `ok`.
    /// - Returns: `ok` with at least one message; `tooSmall` if the first does not fit, `state` if it has several
    ///   parts: both are kept for the next receive.
    package func receiveMany(
        into buffer: UnsafeMutableRawBufferPointer,
        sizes: UnsafeMutableBufferPointer<Int>,
        count: inout Int,
        timeout: Int32
    ) -> Code {
        count = 0
        guard timeout >= -1, sizes.count > 0 else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.enter() else { return .state }
        var batch = unsafe IncomingBatch(.onePart, into: buffer, sizes: sizes, limit: Self.batchLimit)
        let code = unsafe finishReceive(slot, timeout: timeout) { core, socket in unsafe batch.take(from: core, socket)
        }
        count = batch.count
        return code
    }
}
