// SPDX-License-Identifier: Apache-2.0

import LibC

extension SocketHandle {
    /// Receives one message of one part into a buffer.
    ///
    /// - Parameter size: the message's size; also set when the answer is `tooSmall`, and the message is kept.
    @inline(__always)
    package func receive(
        into buffer: UnsafeMutableRawPointer?,
        capacity: Int,
        size: inout Int,
        timeout: Int32
    ) -> Code {
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard capacity >= 0, timeout >= -1, unsafe buffer != nil || capacity == 0 else { return .invalid }
        guard slot.take() else { return .state }
        var isEmpty = false
        if unsafe slot.pointee.liveID == rawValue, unsafe slot.pointee.receiveTraps.isEmpty,
            let socket = unsafe slot.pointee.socket
        {
            let count = unsafe slot.pointee.inbound.receiveOnce(from: socket)
            if count >= 0 {
                if unsafe slot.handOver(count, buffer, capacity) {
                    slot.unlock()
                    size = count
                    return .ok
                }
                unsafe slot.setInboundAside(from: socket)
            } else {
                isEmpty = errno == EAGAIN
            }
        }
        return unsafe receiveSlowly(slot, buffer, capacity, &size, timeout, isEmpty: isEmpty)
    }

    @inline(never)
    private func receiveSlowly(
        _ slot: SlotPointer,
        _ buffer: UnsafeMutableRawPointer?,
        _ capacity: Int,
        _ size: inout Int,
        _ timeout: Int32,
        isEmpty: Bool
    ) -> Code {
        slot.leavingShortWay { hasKeptLock in
            unsafe receiveWaiting(slot, buffer, capacity, &size, timeout, isEmpty: isEmpty && hasKeptLock)
        }
    }

    @inline(__always)
    private func receiveWaiting(
        _ slot: SlotPointer,
        _ buffer: UnsafeMutableRawPointer?,
        _ capacity: Int,
        _ size: inout Int,
        _ timeout: Int32,
        isEmpty: Bool
    ) -> Code {
        unsafe finishReceive(slot, timeout: timeout, isEmpty: isEmpty) { core, socket in
            if !core.inbox.isEmpty { core.freshenHeld() }
            while core.inbox.isEmpty {
                let count = unsafe slot.pointee.inbound.receive(from: socket)
                if count >= 0 {
                    if unsafe slot.handOver(count, buffer, capacity) {
                        size = count
                        return .ok
                    }
                    guard unsafe core.holdInbound(from: socket) else { return nil }
                } else {
                    let number = errno
                    return number == EAGAIN ? nil : Code(errno: number)
                }
            }
            guard let message = core.inbox.first else { return nil }
            // A message of several parts has no meaning as one buffer; it stays for receiveMessage.
            guard message.partCount == 1 else { return .state }
            size = message.totalSize
            guard size <= capacity else { return .tooSmall }
            message.withPart(0) { bytes in
                if let base = bytes.baseAddress { unsafe buffer?.copyMemory(from: base, byteCount: bytes.count) }
            }
            _ = core.inbox.takeFirst()
            core.countReceived(message.totalSize)
            return .ok
        }
    }

    /// Receives one message with all its parts. A subscriber's message of the wire form `space` comes in two.
    ///
    /// - Parameters:
    ///   - singlePart: refuse a message of several parts with `state`, and keep it.
    ///   - isPassing: it is not to be kept but by giving it back.
    package func receiveMessage(
        timeout: Int32,
        singlePart: Bool = false,
        isPassing: Bool = false
    ) throws(ZMQSocketError) -> ReceivedMessage {
        try Self.check(timeout: timeout)
        guard let slot = socketSlots.slot(of: rawValue) else {
            throw ZMQSocketError(socketSlots.failure(of: rawValue))
        }
        guard slot.enter() else { throw .inSignalHandler }
        var received: ReceivedMessage?
        var failure: ZMQSocketError?
        let code = unsafe finishReceive(slot, timeout: timeout) { core, _ in
            switch core.nextMessage(isPassing: isPassing) {
            case nil: return nil
            case .failure(let error)?:
                failure = error
                return error.code
            case .success(let message)?:
                guard !singlePart || message.partCount == 1 else {
                    core.putBack(message)
                    return .state
                }
                core.countReceived(message.totalSize)
                received =
                    core.kind == .sub && core.options.wireForm == .space ? message.splitAtSpace() : message
                return .ok
            }
        }
        guard let received else { throw failure ?? ZMQSocketError(code) }
        return received
    }

    /// Shows the next message, with all its parts, to a function that takes what it wants of it.
    ///
    /// - Parameter take: `ok` if the message is done with; anything else is the answer, and it stays for the next
    ///   receive.
    package func receive(timeout: Int32, _ take: (ReceivedMessage) -> Code) -> Code {
        guard timeout >= -1 else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.enter() else { return .state }
        return unsafe finishReceive(slot, timeout: timeout) { core, socket in
            core.freshenHeld()
            while core.inbox.isEmpty {
                guard unsafe slot.pointee.inbound.receive(from: socket) >= 0 else {
                    let number = errno
                    return number == EAGAIN ? nil : Code(errno: number)
                }
                guard unsafe core.holdInbound(from: socket) else { return nil }
            }
            guard let held = core.inbox.first else { return nil }
            let code = take(core.kind == .sub && core.options.wireForm == .space ? held.splitAtSpace() : held)
            guard code == .ok else { return code }
            _ = core.inbox.takeFirst()
            core.countReceived(held.totalSize)
            return .ok
        }
    }

    /// The lock is held at entry and released.
    ///
    /// - Parameter isEmpty: libzmq has just said that there is nothing.
    @inline(__always)
    func finishReceive(
        _ slot: SlotPointer,
        timeout: Int32,
        isEmpty: Bool = false,
        _ attempt: (SocketCore, RawSocket) -> Code?
    ) -> Code {
        guard unsafe slot.pointee.liveID == rawValue, let core = unsafe slot.pointee.core else {
            slot.unlock()
            return socketSlots.failure(of: rawValue)
        }
        var code: Code
        if unsafe slot.pointee.receiveTraps.contains(.unsupported) {
            code = .notSupported
        } else if core.isRequesting {
            code = .state
        } else {
            core.giveUpInterruptedRequest()
            func tryOnce() -> Code? {
                // What comes now is the answer to a request that began during the wait.
                guard !core.isRequesting else { return .state }
                guard let socket = unsafe slot.pointee.socket else { return nil }
                return unsafe attempt(core, socket)
            }
            let first = isEmpty ? nil : tryOnce()
            code =
                first
                ?? core.wait(for: .readable, until: core.deadline(timeout), isDrained: true, tryOnce)
        }
        if code != .ok { core.count(code, timeout: timeout) }
        if !core.isClosed, core.hasAudience { core.pump() }
        core.unlock()
        return code
    }
}

extension UnsafeMutablePointer<SocketSlot> {
    /// Copies the message in `inbound` to the caller, if it is one that needs nothing special. False otherwise.
    @inline(__always)
    func handOver(_ count: Int, _ buffer: UnsafeMutableRawPointer?, _ capacity: Int) -> Bool {
        guard count <= capacity, unsafe !pointee.inbound.hasMore else { return false }
        if count > 0, let data = unsafe pointee.inbound.data {
            if unsafe data.load(as: UInt8.self) < pointee.firstBytesLookedAt { return false }
            unsafe buffer?.copyMemory(from: data, byteCount: count)
        }
        unsafe pointee.messagesReceived &+= 1
        unsafe pointee.bytesReceived &+= UInt64(truncatingIfNeeded: count)
        if count >= FramePart.shortSize { unsafe releaseInbound() }
        return true
    }

    /// Keeps what is in `inbound` for the long way.
    @inline(never)
    fileprivate func setInboundAside(from socket: RawSocket) { unsafe pointee.core?.holdInbound(from: socket) }

    /// Lets go of a message that was copied: over inproc it is the sender's memory, who may wait for it, and nobody
    /// knows when the next one comes. Apart, as the short way would have room for a frame on its stack otherwise.
    @inline(never)
    private func releaseInbound() { unsafe pointee.inbound = Frame() }
}
