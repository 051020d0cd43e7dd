// SPDX-License-Identifier: Apache-2.0

import DequeModule
import Glibc

extension SocketHandle {
    /// Receives published messages: waits for the first and takes what is there, in either wire form.
    ///
    /// - Parameters:
    ///   - buffer: gets topics and payloads, one behind the other.
    ///   - sizes: get two numbers for each message, the topic's size and the payload's; the first two also with
    ///     `tooSmall`.
    ///   - count: how many messages came; 0 unless the answer is `ok`.
    /// - Returns: `ok` with at least one message; `tooSmall` if the first does not fit, `state` if it is no topic and
    ///   payload: both are kept for the next receive.
    package func receivePublished(
        into buffer: UnsafeMutableRawBufferPointer,
        sizes: UnsafeMutableBufferPointer<Int>,
        count: inout Int,
        timeout: Int32
    ) -> Code {
        count = 0
        guard timeout >= -1, sizes.count > 1 else { return .invalid }
        guard let slot = SocketTable.slot(of: rawValue) else { return SocketTable.failure(of: rawValue) }
        slot.lock()
        var batch = PublishedBatch(buffer: buffer, sizes: sizes, limit: min(sizes.count / 2, Self.batchLimit))
        let code = finishReceive(slot, timeout: timeout) { core, socket in
            core.kind == .sub ? batch.take(from: core, socket) : .notSupported
        }
        count = batch.count
        return code
    }
}

/// Published messages on their way into a caller's buffer.
private struct PublishedBatch {
    let buffer: UnsafeMutableRawBufferPointer
    let sizes: UnsafeMutableBufferPointer<Int>
    let limit: Int
    private(set) var count = 0
    private var used = 0

    init(buffer: UnsafeMutableRawBufferPointer, sizes: UnsafeMutableBufferPointer<Int>, limit: Int) {
        self.buffer = buffer
        self.sizes = sizes
        self.limit = limit
    }

    /// Takes what is there and fits; nil if nothing is there.
    mutating func take(from core: SocketCore, _ socket: RawSocket) -> ZMQSocketError.Code? {
        let isOneFrame = core.options.wireForm == .space
        while count < limit {
            if let message = core.held.first {
                if let code = take(isOneFrame ? message.splitAtSpace() : message) { return code }
                core.held.removeFirst()
                core.updateTraps()
                core.countReceived(message.totalSize)
                continue
            }
            let size = core.slot.pointee.inbound.receive(from: socket)
            guard size >= 0 else {
                let number = errno
                if number == EINTR { continue }
                if count > 0 { return .ok }
                return number == EAGAIN ? nil : ZMQSocketError.Code(errno: number)
            }
            // What does not go the short way is held, and looked at again.
            if isOneFrame { takeFrame(size, core, socket) } else { takeFrames(size, core, socket) }
        }
        return .ok
    }

    /// A held message. A code if it stays where it is.
    private mutating func take(_ message: ReceivedMessage) -> ZMQSocketError.Code? {
        guard let topic = message.range(ofPart: 0), let payload = message.range(ofPart: 1), message.partCount == 2
        else {
            return count > 0 ? .ok : .state
        }
        guard message.totalSize <= buffer.count - used else {
            if count > 0 { return .ok }
            (sizes[0], sizes[1]) = (topic.count, payload.count)
            return .tooSmall
        }
        message.bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[used...]).copyMemory(from: $0) }
        finish(topic.count, payload.count)
        return nil
    }

    private mutating func finish(_ topic: Int, _ payload: Int) {
        sizes[2 * count] = topic
        sizes[2 * count + 1] = payload
        used += topic + payload
        count += 1
    }

    /// Whether a frame may go to the caller as it is: it fits, and is no echo of a probe.
    private func mayTake(_ size: Int, _ data: UnsafeMutableRawPointer?) -> Bool {
        guard let data, size <= buffer.count - used else { return size == 0 }
        return size == 0 || data.load(as: UInt8.self) != 0
    }

    private func copy(_ data: UnsafeMutableRawPointer?, _ size: Int, to place: Int) {
        guard let data, size > 0 else { return }
        buffer.baseAddress?.advanced(by: place).copyMemory(from: data, byteCount: size)
    }

    /// `topic SP payload`.
    private mutating func takeFrame(_ size: Int, _ core: SocketCore, _ socket: RawSocket) {
        let slot = core.slot
        let data = slot.pointee.inbound.data
        guard !slot.pointee.inbound.hasMore, mayTake(size, data) else {
            return core.holdInbound(from: socket)
        }
        let space = data.flatMap { data in memchr(data, Int32(UInt8(ascii: " ")), size).map { $0 - data } }
        let topic = space ?? size
        let start = min(topic + 1, size)
        copy(data, topic, to: used)
        copy(data.map { $0 + start }, size - start, to: used + topic)
        finish(topic, size - start)
        core.countReceived(size)
    }

    /// The topic's frame, then the payload's.
    private mutating func takeFrames(_ size: Int, _ core: SocketCore, _ socket: RawSocket) {
        let slot = core.slot
        let data = slot.pointee.inbound.data
        guard slot.pointee.inbound.hasMore, mayTake(size, data) else {
            return core.holdInbound(from: socket)
        }
        copy(data, size, to: used)
        guard slot.pointee.inbound.receiveNextPart(from: socket) else { return }
        let payload = slot.pointee.inbound.count
        if !slot.pointee.inbound.hasMore, payload <= buffer.count - used - size {
            copy(slot.pointee.inbound.data, payload, to: used + size)
            finish(size, payload)
            core.countReceived(size + payload)
        } else {
            let topic = UnsafeRawBufferPointer(rebasing: buffer[used..<(used + size)])
            core.holdInbound(from: socket, after: topic)
        }
    }
}
