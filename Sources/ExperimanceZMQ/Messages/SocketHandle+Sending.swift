// SPDX-License-Identifier: Apache-2.0

import DequeModule
import LibC

extension SocketHandle {
    /// Sends one message of one part.
    ///
    /// The way of a usual message: the slot's lock, one comparison for the handle, one for everything unusual, libzmq,
    /// two counters, unlock. No allocation, no reference count. A long message is put into libzmq's memory first, so
    /// that it is copied once however long it waits.
    ///
    /// - Parameter isTry: whether the caller goes on trying if it does not work, so that nothing is counted as refused.
    @inline(__always)
    package func send(_ data: UnsafeRawPointer?, _ size: Int, timeout: Int32, isTry: Bool = false) -> Code {
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard size >= 0, timeout >= -1, data != nil || size == 0 else { return .invalid }
        guard slot.take() else { return .state }
        if slot.pointee.liveID == rawValue, slot.pointee.sendTraps.isEmpty, size <= slot.pointee.shortMessageSize,
            let socket = slot.pointee.socket, ZMQ.send(socket, data, size) >= 0
        {
            slot.pointee.messagesSent &+= 1
            slot.pointee.bytesSent &+= UInt64(truncatingIfNeeded: size)
            slot.unlock()
            return .ok
        }
        return sendSlowly(slot, data, size, timeout, isTry)
    }

    @inline(never)
    private func sendSlowly(
        _ slot: SlotPointer,
        _ data: UnsafeRawPointer?,
        _ size: Int,
        _ timeout: Int32,
        _ isTry: Bool
    ) -> Code {
        guard !HeldLocks.isAny else {
            slot.unlock()
            return .state
        }
        guard ThreadCancellation.isPossible else { return sendWaiting(slot, data, size, timeout, isTry) }
        // No thread may end while it has the lock.
        slot.unlock()
        return ThreadCancellation.held {
            slot.take() ? sendWaiting(slot, data, size, timeout, isTry) : .state
        }
    }

    @inline(__always)
    private func sendWaiting(
        _ slot: SlotPointer,
        _ data: UnsafeRawPointer?,
        _ size: Int,
        _ timeout: Int32,
        _ isTry: Bool
    ) -> Code {
        var filled: Frame?
        return finishSend(slot, size: size, parts: 1, timeout: timeout, isTry: isTry) { socket in
            if filled == nil { filled = Frame(copying: UnsafeRawBufferPointer(start: data, count: size)) }
            return filled?.send(to: socket) ?? -1
        }
    }

    /// Sends one message of several parts, all or nothing.
    package func send(parts: [UnsafeRawBufferPointer], timeout: Int32) -> Code {
        guard timeout >= -1, !parts.isEmpty else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.enter() else { return .state }
        // What does not fit into a number is over any limit.
        let size = parts.reduce(0) { $0.addingReportingOverflow($1.count).overflow ? .max : $0 + $1.count }
        return finishSend(slot, size: size, parts: parts.count, timeout: timeout) { socket in
            OutgoingMessage.send(parts, to: socket)
        }
    }

    /// Publishes a message in the socket's wire form.
    ///
    /// - Parameter isTry: as with `send`.
    package func publish(
        topic: UnsafeRawBufferPointer,
        _ data: UnsafeRawBufferPointer,
        timeout: Int32,
        isTry: Bool = false
    ) -> Code {
        guard timeout >= -1 else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.enter() else { return .state }
        guard slot.pointee.liveID == rawValue, let core = slot.pointee.core else {
            slot.unlock()
            return socketSlots.failure(of: rawValue)
        }
        guard core.kind.publishes else { return refuse(.notSupported, core, isTry) }
        switch core.options.wireForm {
        case .multipart:
            let (size, overflow) = topic.count.addingReportingOverflow(data.count)
            return finishSend(slot, size: overflow ? .max : size, parts: 2, timeout: timeout, isTry: isTry) { socket in
                OutgoingMessage.send(topic, data, to: socket)
            }
        case .space:
            let (both, overflow) = topic.count.addingReportingOverflow(data.count)
            guard !overflow, both < .max, var frame = Frame(byteCount: both + 1) else {
                return refuse(.noMemory, core, isTry)
            }
            // It would end there.
            guard !topic.contains(UInt8(ascii: " ")) else { return refuse(.invalid, core, isTry) }
            let size = both + 1
            let bytes = frame.mutableBytes
            bytes.copyMemory(from: topic)
            bytes[topic.count] = UInt8(ascii: " ")
            UnsafeMutableRawBufferPointer(rebasing: bytes[(topic.count + 1)...]).copyMemory(from: data)
            return finishSend(slot, size: size, parts: 1, timeout: timeout, isTry: isTry) { frame.send(to: $0) }
        }
    }

    /// Sends a message of one part from the caller's memory, without a copy.
    ///
    /// - Parameter release: called once if the answer is `ok`, on any thread, when libzmq needs the memory no more;
    ///   never otherwise.
    package func send(
        lent data: UnsafeMutableRawPointer?,
        _ size: Int,
        user: UnsafeMutableRawPointer?,
        release: @escaping @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void,
        timeout: Int32
    ) -> Code {
        guard timeout >= -1, size >= 0, data != nil || size == 0 else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard var message = LentBuffer(data, size, user: user, release: release) else { return .noMemory }
        guard slot.enter() else {
            message.takeBack()
            return .state
        }
        let code = finishSend(slot, size: size, parts: 1, timeout: timeout) { message.send(to: $0) }
        if code != .ok { message.takeBack() }
        return code
    }

    /// Sends a message on that was received; nothing of it that is long is copied.
    package func send(_ message: SharedParts, timeout: Int32) -> Code {
        guard timeout >= -1 else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.enter() else { return .state }
        return finishSend(slot, size: message.size, parts: message.partCount, timeout: timeout) {
            message.send(to: $0)
        }
    }

    // MARK: The common rest

    /// Ends a send before it has begun. The lock is held at entry and released.
    private func refuse(_ code: Code, _ core: SocketCore, _ isTry: Bool) -> Code {
        if !isTry { core.countRefusedSend(code) }
        core.unlock()
        return code
    }

    /// Does a send with everything it may need: traps, waiting, counting. The lock is held at entry and released.
    ///
    /// - Parameter attempt: the send itself; negative with errno when it did not work.
    @inline(__always)
    private func finishSend(
        _ slot: SlotPointer,
        size: Int,
        parts: Int,
        timeout: Int32,
        isTry: Bool = false,
        _ attempt: (RawSocket) -> Int32
    ) -> Code {
        guard slot.pointee.liveID == rawValue, let core = slot.pointee.core else {
            slot.unlock()
            return socketSlots.failure(of: rawValue)
        }
        var code: Code
        if let reason = core.reasonNotToSend(size, parts: parts) {
            code = reason
        } else {
            func tryOnce() -> Code? {
                // It would give up a request that began during the wait.
                guard !core.isRequesting else { return .state }
                guard let socket = slot.pointee.socket, !core.isGated else { return nil }
                guard attempt(socket) < 0 else { return .ok }
                let number = errno
                return number == EAGAIN ? nil : Code(errno: number)
            }
            code = tryOnce() ?? core.wait(for: .writable, until: core.deadline(timeout), tryOnce)
        }
        if code == .ok {
            core.countSent(size)
            if !core.isClosed { core.afterSend() }
        } else {
            if !isTry { core.countRefusedSend(code, timeout: timeout) }
            core.afterRefusal()
        }
        core.unlock()
        return code
    }
}
