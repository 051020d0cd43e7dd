// SPDX-License-Identifier: Apache-2.0

import LibC

/// Messages on their way into a caller's buffer, one behind the other. Who makes one lends it the buffer.
@safe
struct IncomingBatch {
    /// What a message of the batch is.
    enum Form {
        /// One part; a size each.
        case onePart
        /// A topic and a payload in two parts; two sizes each.
        case twoParts
        /// `topic SP payload` in one part; two sizes each.
        case partWithSpace

        var sizes: Int { self == .onePart ? 1 : 2 }
    }

    private let form: Form
    private let buffer: UnsafeMutableRawBufferPointer
    private let sizes: UnsafeMutableBufferPointer<Int>
    private let limit: Int
    private(set) var count = 0
    private var used = 0

    /// - Parameter limit: the most messages, whatever there is room for.
    init(
        _ form: Form,
        into buffer: UnsafeMutableRawBufferPointer,
        sizes: UnsafeMutableBufferPointer<Int>,
        limit: Int
    ) {
        self.form = form
        unsafe self.buffer = buffer
        unsafe self.sizes = sizes
        self.limit = min(sizes.count / form.sizes, limit)
    }

    /// Takes what is there and fits; nil if nothing is there.
    mutating func take(from core: SocketCore, _ socket: RawSocket) -> ZMQSocketError.Code? {
        core.freshenHeld()
        while count < limit {
            if let message = core.inbox.first {
                if let code = take(message) { return code }
                _ = core.inbox.takeFirst()
                core.countReceived(message.totalSize)
                continue
            }
            let size = unsafe core.slot.pointee.inbound.receive(from: socket)
            guard size >= 0 else {
                let number = errno
                if count > 0 { return .ok }
                return number == EAGAIN ? nil : ZMQSocketError.Code(errno: number)
            }
            // What does not go the short way is held, and looked at again.
            switch form {
            case .onePart: guard unsafe takeWhole(size, core, socket) else { return count > 0 ? .ok : nil }
            case .twoParts: unsafe takeParts(size, core, socket)
            case .partWithSpace: unsafe takeSplit(size, core, socket)
            }
        }
        return .ok
    }

    // MARK: Held messages

    /// A code if the message stays where it is.
    private mutating func take(_ held: ReceivedMessage) -> ZMQSocketError.Code? {
        let message = form == .partWithSpace ? held.splitAtSpace() : held
        guard message.partCount == form.sizes else { return count > 0 ? .ok : .state }
        guard message.totalSize <= room else {
            if count > 0 { return .ok }
            for place in 0..<form.sizes { unsafe sizes[place] = message.withPart(place) { $0.count } ?? 0 }
            return .tooSmall
        }
        let first = take(part: 0, of: message, to: used)
        finish(first, form == .onePart ? nil : take(part: 1, of: message, to: used + first))
        return nil
    }

    private func take(part index: Int, of message: ReceivedMessage, to place: Int) -> Int {
        message.withPart(index) { bytes in
            unsafe copy(bytes.baseAddress, bytes.count, to: place)
            return bytes.count
        } ?? 0
    }

    // MARK: The short way

    /// False if what is behind it is to be left to libzmq for now.
    private mutating func takeWhole(_ size: Int, _ core: SocketCore, _ socket: RawSocket) -> Bool {
        let place = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[used...])
        guard unsafe core.slot.handOver(size, place.baseAddress, place.count) else {
            return unsafe core.holdInbound(from: socket)
        }
        finish(size, nil)
        return true
    }

    private mutating func takeSplit(_ size: Int, _ core: SocketCore, _ socket: RawSocket) {
        let data = unsafe core.slot.pointee.inbound.data
        guard !core.slot.pointee.inbound.hasMore, unsafe mayTake(size, data) else {
            unsafe core.holdInbound(from: socket)
            return
        }
        let space = unsafe data.flatMap { data in
            unsafe memchr(data, Int32(UInt8(ascii: " ")), size).map { unsafe $0 - data }
        }
        let topic = space ?? size
        let start = min(topic + 1, size)
        unsafe copy(data, topic, to: used)
        unsafe copy(data.map { unsafe $0 + start }, size - start, to: used + topic)
        finish(topic, size - start)
        core.countReceived(size)
    }

    /// The topic's frame, then the payload's.
    private mutating func takeParts(_ size: Int, _ core: SocketCore, _ socket: RawSocket) {
        let slot = core.slot
        let data = unsafe slot.pointee.inbound.data
        guard unsafe slot.pointee.inbound.hasMore, unsafe mayTake(size, data) else {
            unsafe core.holdInbound(from: socket)
            return
        }
        unsafe copy(data, size, to: used)
        guard unsafe slot.pointee.inbound.receiveNextPart(from: socket) else { return }
        let payload = unsafe slot.pointee.inbound.count
        if unsafe !slot.pointee.inbound.hasMore, payload <= room - size {
            unsafe copy(slot.pointee.inbound.data, payload, to: used + size)
            finish(size, payload)
            core.countReceived(size + payload)
        } else {
            let topic = unsafe UnsafeRawBufferPointer(rebasing: buffer[used..<(used + size)])
            unsafe core.holdInbound(from: socket, after: topic)
        }
    }

    // MARK: The buffer

    private var room: Int { unsafe buffer.count - used }

    /// Whether a frame may go to the caller as it is: it fits, and is no echo of a probe.
    private func mayTake(_ size: Int, _ data: UnsafeMutableRawPointer?) -> Bool {
        guard let data = unsafe data, size <= room else { return size == 0 }
        return unsafe size == 0 || data.load(as: UInt8.self) != 0
    }

    private func copy(_ data: UnsafeRawPointer?, _ size: Int, to place: Int) {
        guard let data = unsafe data, size > 0 else { return }
        unsafe buffer.baseAddress?.advanced(by: place).copyMemory(from: data, byteCount: size)
    }

    private mutating func finish(_ first: Int, _ second: Int?) {
        unsafe sizes[form.sizes * count] = first
        if let second { unsafe sizes[form.sizes * count + 1] = second }
        used += first + (second ?? 0)
        count += 1
    }
}
