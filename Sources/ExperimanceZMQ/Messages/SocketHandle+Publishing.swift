// SPDX-License-Identifier: Apache-2.0

import LibC

extension SocketHandle {
    /// Publishes a message in the socket's wire form.
    ///
    /// A short one of two parts goes the way of a usual message (``send(_:_:timeout:isTry:)``), where nothing but the
    /// publisher's tick is to be seen to, and that is not due.
    ///
    /// - Parameter isTry: as with `send`.
    @inline(__always)
    package func publish(
        topic: UnsafeRawBufferPointer,
        _ data: UnsafeRawBufferPointer,
        timeout: Int32,
        isTry: Bool
    ) -> Code {
        guard timeout >= -1 else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.take() else { return .state }
        let size = topic.count &+ data.count
        if unsafe slot.pointee.liveID == rawValue, slot.publishesAtOnce,
            // One comparison for what is long and for what has no sum.
            unsafe UInt(bitPattern: size) < slot.pointee.shortPublishEnd,
            let socket = unsafe slot.pointee.socket, unsafe OutgoingMessage.send(topic, data, to: socket) >= 0
        {
            unsafe slot.pointee.messagesSent &+= 1
            unsafe slot.pointee.bytesSent &+= UInt64(truncatingIfNeeded: size)
            slot.unlock()
            return .ok
        }
        return unsafe publishSlowly(slot, topic, data, timeout, isTry)
    }

    @inline(never)
    private func publishSlowly(
        _ slot: SlotPointer,
        _ topic: UnsafeRawBufferPointer,
        _ data: UnsafeRawBufferPointer,
        _ timeout: Int32,
        _ isTry: Bool
    ) -> Code {
        slot.leavingShortWay { _ in
            unsafe publishing(slot, isTry) { core in
                switch core.options.wireForm {
                case .multipart: unsafe publishInTwo(topic, data, timeout, isTry, slot)
                case .space: unsafe publishInOne(topic, data, timeout, isTry, slot, core)
                }
            }
        }
    }

    private func publishInTwo(
        _ topic: UnsafeRawBufferPointer,
        _ data: UnsafeRawBufferPointer,
        _ timeout: Int32,
        _ isTry: Bool,
        _ slot: SlotPointer
    ) -> Code {
        let (size, overflow) = topic.count.addingReportingOverflow(data.count)
        return unsafe finishSend(slot, size: overflow ? .max : size, parts: 2, timeout: timeout, isTry: isTry) {
            socket in
            unsafe OutgoingMessage.send(topic, data, to: socket)
        }
    }

    private func publishInOne(
        _ topic: UnsafeRawBufferPointer,
        _ data: UnsafeRawBufferPointer,
        _ timeout: Int32,
        _ isTry: Bool,
        _ slot: SlotPointer,
        _ core: SocketCore
    ) -> Code {
        let (both, overflow) = topic.count.addingReportingOverflow(data.count)
        guard !overflow, both < .max, var frame = Frame(byteCount: both + 1) else {
            return refuse(.noMemory, core, isTry)
        }
        // It would end there.
        guard unsafe !topic.contains(UInt8(ascii: " ")) else { return refuse(.invalid, core, isTry) }
        let size = both + 1
        let bytes = unsafe frame.mutableBytes
        unsafe bytes.copyMemory(from: topic)
        unsafe bytes[topic.count] = UInt8(ascii: " ")
        unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[(topic.count + 1)...]).copyMemory(from: data)
        return unsafe finishSend(slot, size: size, parts: 1, timeout: timeout, isTry: isTry) {
            unsafe frame.send(to: $0)
        }
    }

    /// Publishes a message of topic and payload, for the wire form `multipart`.
    package func publish(_ message: SharedParts, timeout: Int32) -> Code {
        guard timeout >= -1, message.partCount == 2 else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.enter() else { return .state }
        return unsafe publishing(slot, false) { core in
            guard core.options.wireForm == .multipart else { return refuse(.invalid, core, false) }
            return unsafe finishSend(slot, size: message.size, parts: 2, timeout: timeout) {
                unsafe message.send(to: $0)
            }
        }
    }

    /// Finds the socket, if it is one that publishes. The lock is held at entry and released.
    ///
    /// - Parameter send: ends with `finishSend` or `refuse`, which release it.
    @inline(__always)
    private func publishing(_ slot: SlotPointer, _ isTry: Bool, _ send: (SocketCore) -> Code) -> Code {
        guard let core = slot.core(of: rawValue) else {
            slot.unlock()
            return socketSlots.failure(of: rawValue)
        }
        return core.kind.publishes ? send(core) : refuse(.notSupported, core, isTry)
    }

    /// Ends a publish before it has begun. The lock is held at entry and released.
    private func refuse(_ code: Code, _ core: SocketCore, _ isTry: Bool) -> Code {
        if !isTry { core.countRefusedSend(code) }
        core.unlock()
        return code
    }
}
