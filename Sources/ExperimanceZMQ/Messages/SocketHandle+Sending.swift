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
        guard size >= 0, timeout >= -1, unsafe data != nil || size == 0 else { return .invalid }
        guard slot.take() else { return .state }
        if unsafe slot.pointee.liveID == rawValue, unsafe slot.pointee.sendTraps.isEmpty,
            unsafe size <= slot.pointee.shortMessageSize,
            let socket = unsafe slot.pointee.socket, unsafe ZMQ.send(socket, data, size) >= 0
        {
            unsafe slot.pointee.messagesSent &+= 1
            unsafe slot.pointee.bytesSent &+= UInt64(truncatingIfNeeded: size)
            slot.unlock()
            return .ok
        }
        return unsafe sendSlowly(slot, data, size, timeout, isTry)
    }

    /// A long message of a socket with nothing else to see to, any of a publisher whose tick is not due, and all that
    /// is unusual.
    @inline(never)
    private func sendSlowly(
        _ slot: SlotPointer,
        _ data: UnsafeRawPointer?,
        _ size: Int,
        _ timeout: Int32,
        _ isTry: Bool
    ) -> Code {
        var filled: Frame?
        if unsafe slot.pointee.liveID == rawValue, slot.publishesAtOnce,
            unsafe size <= slot.pointee.maxMessageSize, let socket = unsafe slot.pointee.socket
        {
            let isShort = unsafe size <= slot.pointee.shortMessageSize
            var isSent = false
            if isShort {
                // Any other socket's has been tried.
                isSent = unsafe !slot.pointee.sendTraps.isEmpty && ZMQ.send(socket, data, size) >= 0
            } else if unsafe slot.pointee.shortMessageSize >= 0 {
                filled = unsafe Frame(copying: UnsafeRawBufferPointer(start: data, count: size))
                isSent = unsafe filled?.send(to: socket) ?? -1 >= 0
            }
            if isSent {
                unsafe slot.pointee.messagesSent &+= 1
                unsafe slot.pointee.bytesSent &+= UInt64(truncatingIfNeeded: size)
                slot.unlock()
                return .ok
            }
        }
        return slot.leavingShortWay { _ in unsafe sendWaiting(slot, data, size, timeout, isTry, &filled) }
    }

    @inline(__always)
    private func sendWaiting(
        _ slot: SlotPointer,
        _ data: UnsafeRawPointer?,
        _ size: Int,
        _ timeout: Int32,
        _ isTry: Bool,
        _ filled: inout Frame?
    ) -> Code {
        unsafe finishSend(slot, size: size, parts: 1, timeout: timeout, isTry: isTry) { socket in
            if filled == nil { filled = unsafe Frame(copying: UnsafeRawBufferPointer(start: data, count: size)) }
            return unsafe filled?.send(to: socket) ?? -1
        }
    }

    /// Sends one message of two parts, all or nothing. A short one goes the way of one part, also to a ROUTER's peers
    /// and from a publisher whose tick is not due.
    ///
    /// - Parameter isTry: as with one part.
    @inline(__always)
    package func send(
        _ first: UnsafeRawBufferPointer,
        _ last: UnsafeRawBufferPointer,
        timeout: Int32,
        isTry: Bool = false
    ) -> Code {
        guard timeout >= -1 else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.take() else { return .state }
        let (size, overflow) = first.count.addingReportingOverflow(last.count)
        if unsafe slot.pointee.liveID == rawValue, slot.publishesAtOnce, !overflow, size <= OutgoingMessage.shortSize,
            unsafe size <= slot.pointee.maxMessageSize,
            let socket = unsafe slot.pointee.socket, unsafe OutgoingMessage.send(first, last, to: socket) >= 0
        {
            unsafe slot.pointee.messagesSent &+= 1
            unsafe slot.pointee.bytesSent &+= UInt64(truncatingIfNeeded: size)
            slot.unlock()
            return .ok
        }
        return unsafe sendTwoSlowly(slot, first, last, overflow ? .max : size, timeout, isTry)
    }

    @inline(never)
    private func sendTwoSlowly(
        _ slot: SlotPointer,
        _ first: UnsafeRawBufferPointer,
        _ last: UnsafeRawBufferPointer,
        _ size: Int,
        _ timeout: Int32,
        _ isTry: Bool
    ) -> Code {
        slot.leavingShortWay { _ in
            unsafe finishSend(slot, size: size, parts: 2, timeout: timeout, isTry: isTry) {
                unsafe OutgoingMessage.send(first, last, to: $0)
            }
        }
    }

    /// Sends one message of several parts, all or nothing.
    ///
    /// - Parameter isTry: as with one part.
    package func send(parts: [UnsafeRawBufferPointer], timeout: Int32, isTry: Bool = false) -> Code {
        guard timeout >= -1, unsafe !parts.isEmpty else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.enter() else { return .state }
        // What does not fit into a number is over any limit.
        let size = unsafe parts.reduce(0) { $0.addingReportingOverflow($1.count).overflow ? .max : $0 + $1.count }
        return unsafe finishSend(slot, size: size, parts: parts.count, timeout: timeout, isTry: isTry) { socket in
            unsafe OutgoingMessage.send(parts, to: socket)
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
        guard timeout >= -1, size >= 0, unsafe data != nil || size == 0 else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard var message = unsafe LentBuffer(data, size, user: user, release: release) else { return .noMemory }
        guard slot.enter() else {
            message.takeBack()
            return .state
        }
        let code = unsafe finishSend(slot, size: size, parts: 1, timeout: timeout) { unsafe message.send(to: $0) }
        if code != .ok { message.takeBack() }
        return code
    }

    /// Sends a message that is libzmq's own already: one that was received, or of parts that are lent.
    ///
    /// - Parameter isTry: as with `send`.
    package func send(_ message: SharedParts, timeout: Int32, isTry: Bool = false) -> Code {
        guard timeout >= -1 else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.enter() else { return .state }
        return unsafe finishSend(slot, size: message.size, parts: message.partCount, timeout: timeout, isTry: isTry) {
            unsafe message.send(to: $0)
        }
    }

    // MARK: The common rest

    /// Does a send with everything it may need: traps, waiting, counting. The lock is held at entry and released.
    ///
    /// - Parameter attempt: the send itself; negative with errno when it did not work.
    @inline(__always)
    func finishSend(
        _ slot: SlotPointer,
        size: Int,
        parts: Int,
        timeout: Int32,
        isTry: Bool = false,
        _ attempt: (RawSocket) -> Int32
    ) -> Code {
        guard unsafe slot.pointee.liveID == rawValue, let core = unsafe slot.pointee.core else {
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
                guard let socket = unsafe slot.pointee.socket, !core.isGated else { return nil }
                guard unsafe attempt(socket) < 0 else { return .ok }
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
