// SPDX-License-Identifier: Apache-2.0

import Glibc

// Many messages of one part in one call: one look-up, one lock, one crossing of the language border.
extension SocketHandle {
    /// The most messages one call receives, which bounds how long it keeps the lock.
    package static let batchLimit = 65_536

    /// Bytes after which a batch in memory of its own ends: how large messages are, the senders choose.
    static let batchBytes = 16 << 20

    /// Messages sent between two looks at who else wants the lock.
    private static let sendStride = 256

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
        for size in sizes {
            let (sum, overflow) = total.addingReportingOverflow(size)
            guard size >= 0, !overflow else { return .invalid }
            total = sum
        }
        guard data != nil || total == 0 else { return .invalid }
        var until: Deadline?
        var cancels: UInt32?
        var offset = 0
        repeat {
            let code = sendSome(
                data,
                sizes,
                from: &sent,
                at: &offset,
                until: &until,
                cancels: &cancels,
                timeout: timeout
            )
            guard code == .ok else { return code }
        } while sent < sizes.count
        return .ok
    }

    /// Sends the next few messages of a batch under the lock.
    private func sendSome(
        _ data: UnsafeRawPointer?,
        _ sizes: UnsafeBufferPointer<Int>,
        from index: inout Int,
        at offset: inout Int,
        until: inout Deadline?,
        cancels: inout UInt32?,
        timeout: Int32
    ) -> Code {
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.enter() else { return .state }
        guard slot.pointee.liveID == rawValue, let core = slot.pointee.core else {
            slot.unlock()
            return socketSlots.failure(of: rawValue)
        }
        let deadline = until ?? core.deadline(timeout)
        until = deadline
        // A cancel between two portions counts, too.
        let isCanceled = cancels.map { $0 != slot.front.cancels } ?? false
        cancels = slot.front.cancels
        let end = min(sizes.count, index + Self.sendStride)
        var (next, place) = (index, offset)
        func tryOnce() -> Code? {
            guard !core.isRequesting else { return .state }
            guard let socket = slot.pointee.socket, !core.isGated else { return nil }
            while next < end {
                let size = sizes[next]
                guard size <= slot.pointee.maxMessageSize else { return .tooLarge }
                if ZMQ.send(socket, data.map { $0 + place }, size) < 0 {
                    let number = errno
                    return number == EAGAIN ? nil : Code(errno: number)
                }
                core.countSent(size)
                next += 1
                place += size
            }
            return .ok
        }
        // Messages that need not wait take their time, too.
        let isTry = (timeout < 0 ? slot.pointee.defaultTimeout : timeout) == 0
        let isLate = index > 0 && !isTry && deadline.hasPassed(at: .now())
        let code: Code =
            if isCanceled {
                .canceled
            } else if isLate {
                .timeout
            } else if slot.pointee.sendTraps.contains(.unsupported) || core.kind == .router {
                .notSupported
            } else if !core.mayTakeTurn() {
                .state
            } else {
                tryOnce() ?? core.wait(for: .writable, until: deadline, tryOnce)
            }
        (index, offset) = (next, place)
        if code != .ok {
            core.countRefusedSend(code, timeout: timeout)
        }
        if !core.isClosed { core.afterSend() }
        core.unlock()
        return code
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
        var batch = IncomingBatch(.onePart, into: buffer, sizes: sizes, limit: Self.batchLimit)
        let code = finishReceive(slot, timeout: timeout) { core, socket in batch.take(from: core, socket) }
        count = batch.count
        return code
    }
}

extension SocketHandle {
    /// The same into memory of their own, at most so many.
    package func receiveMany(limit: Int, timeout: Int32) throws(ZMQSocketError) -> [[UInt8]] {
        try Self.check(timeout: timeout)
        guard limit > 0 else { throw ZMQSocketError(.invalid, message: "at most \(limit) messages: that is none") }
        guard let slot = socketSlots.slot(of: rawValue) else { throw ZMQSocketError(socketSlots.failure(of: rawValue)) }
        guard slot.enter() else { throw .inSignalHandler }
        var messages: [[UInt8]] = []
        var byteCount = 0
        let code = finishReceive(slot, timeout: timeout) { core, _ in
            while messages.count < min(limit, Self.batchLimit), byteCount < Self.batchBytes {
                switch core.nextMessage() {
                case .success(let message)?:
                    guard message.partCount == 1, let bytes = message.part(0) else {
                        core.putBack(message)
                        guard messages.isEmpty else { return .ok }
                        return message.partCount == 1 ? .noMemory : .state
                    }
                    core.countReceived(message.totalSize)
                    messages.append(bytes)
                    byteCount += bytes.count
                    continue
                case .failure(let error)?:
                    return messages.isEmpty ? error.code : .ok
                case nil:
                    return messages.isEmpty ? nil : .ok
                }
            }
            return .ok
        }
        guard code == .ok else { throw ZMQSocketError(code) }
        return messages
    }
}
