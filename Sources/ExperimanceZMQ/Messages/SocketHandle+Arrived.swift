// SPDX-License-Identifier: Apache-2.0

import LibC

/// A message that is here, as it is shown to who may take it. Its bytes are there for as long as it is shown.
@safe
package enum ArrivedMessage {
    /// Of one part, in libzmq's memory.
    case one(UnsafeRawBufferPointer)
    /// Of two parts.
    case two(UnsafeRawBufferPointer, UnsafeRawBufferPointer)
    /// Of any number of parts.
    case any(ReceivedMessage)

    /// A message of the wire form `topic SP payload`, in two.
    fileprivate static func splitAtSpace(_ bytes: UnsafeRawBufferPointer) -> ArrivedMessage {
        let space = unsafe bytes.baseAddress.flatMap { start in
            unsafe memchr(start, Int32(UInt8(ascii: " ")), bytes.count).map { unsafe UnsafeRawPointer($0) - start }
        }
        let topic = space ?? bytes.count
        return unsafe .two(
            UnsafeRawBufferPointer(rebasing: bytes[..<topic]),
            UnsafeRawBufferPointer(rebasing: bytes[min(topic + 1, bytes.count)...])
        )
    }

    package var partCount: Int {
        switch self {
        case .one: 1
        case .two: 2
        case .any(let message): message.partCount
        }
    }

    /// Bytes of all parts.
    package var totalSize: Int {
        switch self {
        case .one(let bytes): bytes.count
        case .two(let first, let last): first.count + last.count
        case .any(let message): message.totalSize
        }
    }
}

extension SocketHandle {
    /// Shows messages that are here, one after the other and without waiting, to a function that takes them.
    ///
    /// - Parameters:
    ///   - limit: the most messages.
    ///   - splitsAtSpace: whether a subscriber's messages of the wire form `space` come in two parts.
    ///   - take: called with the lock held, so it must not call the library. False if the message is to stay for the
    ///     next receive; it is the last one that is shown then.
    /// - Returns: `timeout` if there was none to show.
    package func takeArrived(
        limit: Int,
        splitsAtSpace: Bool,
        _ take: (ArrivedMessage) -> Bool
    ) -> Code {
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.enter() else { return .state }
        return unsafe finishReceive(slot, timeout: 0) { core, socket in
            let isSplit = splitsAtSpace && core.kind == .sub && core.options.wireForm == .space
            return unsafe core.showArrived(from: socket, limit: limit, isSplit: isSplit, take)
        }
    }
}

extension SocketCore {
    /// As ``SocketHandle/takeArrived(limit:splitsAtSpace:_:)``; nil if nothing is there.
    fileprivate func showArrived(
        from socket: RawSocket,
        limit: Int,
        isSplit: Bool,
        _ take: (ArrivedMessage) -> Bool
    ) -> Code? {
        freshenHeld()
        var count = 0
        while count < limit {
            if let held = inbox.first {
                guard take(.any(isSplit ? held.splitAtSpace() : held)) else { return .ok }
                _ = inbox.takeFirst()
                countReceived(held.totalSize)
                count += 1
                continue
            }
            let size = unsafe slot.pointee.inbound.receive(from: socket)
            guard size >= 0 else {
                let number = errno
                if count > 0 { return .ok }
                return number == EAGAIN ? nil : Code(errno: number)
            }
            let mayShow = mayShowInbound(size)
            switch unsafe mayShow ? showInbound(size, from: socket, isSplit: isSplit, take) : hold(from: socket) {
            case .taken: count += 1
            case .held: continue
            case .left: return .ok
            case .over: return count > 0 ? .ok : nil
            }
        }
        return .ok
    }

    /// Whether nothing of the message in `inbound` has to be looked at first: not by a ROUTER, which knows the sender,
    /// nor by an XPUB, which counts subscriptions, and it is no echo of a subscriber's probe.
    private func mayShowInbound(_ size: Int) -> Bool {
        guard kind != .router, kind != .xpub else { return false }
        guard kind == .sub, size > 0, let data = unsafe slot.pointee.inbound.data else { return true }
        return unsafe data.load(as: UInt8.self) != 0
    }

    /// Shows the message whose first frame is in `inbound`, or holds it.
    private func showInbound(
        _ size: Int,
        from socket: RawSocket,
        isSplit: Bool,
        _ take: (ArrivedMessage) -> Bool
    ) -> Showing {
        guard !slot.pointee.inbound.hasMore else { return unsafe showTwo(size, from: socket, take) }
        let bytes = unsafe UnsafeRawBufferPointer(start: slot.pointee.inbound.data, count: size)
        guard unsafe take(isSplit ? .splitAtSpace(bytes) : .one(bytes)) else {
            return unsafe hold(from: socket, isShown: true)
        }
        finishShown(size, last: size)
        return .taken
    }

    /// The same of a message of several parts, which are two in most cases.
    private func showTwo(_ size: Int, from socket: RawSocket, _ take: (ArrivedMessage) -> Bool) -> Showing {
        guard size <= FramePart.shortSize else { return unsafe hold(from: socket) }
        return unsafe withUnsafeTemporaryAllocation(byteCount: FramePart.shortSize, alignment: 1) { room in
            if let data = unsafe slot.pointee.inbound.data {
                unsafe room.baseAddress?.copyMemory(from: data, byteCount: size)
            }
            let first = unsafe UnsafeRawBufferPointer(rebasing: room[..<size])
            guard unsafe slot.pointee.inbound.receiveNextPart(from: socket) else { return .held }
            guard !slot.pointee.inbound.hasMore else { return unsafe hold(from: socket, after: first) }
            let next = slot.pointee.inbound.count
            let last = unsafe UnsafeRawBufferPointer(start: slot.pointee.inbound.data, count: next)
            guard unsafe take(.two(first, last)) else { return unsafe hold(from: socket, after: first, isShown: true) }
            finishShown(size + next, last: next)
            return .taken
        }
    }

    private func hold(
        from socket: RawSocket,
        after first: UnsafeRawBufferPointer? = nil,
        isShown: Bool = false
    ) -> Showing {
        guard unsafe holdInbound(from: socket, after: first) else { return .over }
        return isShown ? .left : .held
    }

    /// Counts a message, and as after a single receive keeps nothing long of what has been copied.
    private func finishShown(_ size: Int, last: Int) {
        countReceived(size)
        if last >= FramePart.shortSize { slot.pointee.inbound = Frame() }
    }
}

/// What has become of a message that libzmq has handed over.
private enum Showing {
    case taken
    /// It was shown, and stays for the next receive.
    case left
    /// It is to be looked at again among what is held.
    case held
    /// What is behind it is left to libzmq for now.
    case over
}
