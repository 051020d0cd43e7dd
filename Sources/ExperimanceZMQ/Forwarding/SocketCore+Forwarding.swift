// SPDX-License-Identifier: Apache-2.0

import LibC

/// What has become of messages that were to be passed on.
struct PassedOn {
    var messages = 0
    var bytes = 0
    /// There is nobody for them, or they are longer than the socket takes.
    var undeliverable = 0

    /// Whether anything is different now.
    var isProgress: Bool { messages + undeliverable > 0 }
}

extension SocketCore {
    // MARK: Taking

    /// Takes messages as they come, those first that a receive would find held, until there are no more or the burst is
    /// full.
    ///
    /// - Parameter lost: receives how many are gone for want of memory.
    /// - Returns: why the socket can not be received from; nil if it can.
    func take(into burst: Burst, lost: inout Int) -> Code? {
        freshenHeld()
        guard let socket = unsafe socket else { return .closed }
        // An XPUB counts what it hands out.
        if let publisher = role.publisher { unsafe takeNoticesAhead(of: publisher, from: socket) }
        while burst.hasRoom, let message = takeHeld(&lost) { burst.hold(message) }
        while role.publisher == nil, burst.hasRoom {
            let size = unsafe burst.receive(from: socket)
            if size >= 0 {
                if case .router(let router) = role, !noteSender(of: burst, router) {
                    burst.removeLast()
                } else {
                    countReceived(size)
                }
                continue
            }
            let number = errno
            // libzmq says no more of those behind it, so they are asked for now.
            if number == ENOMEM {
                journal.count(.noMemory)
                lost += 1
                continue
            }
            return number == EAGAIN ? nil : Code(errno: number)
        }
        return nil
    }

    private func takeHeld(_ lost: inout Int) -> ReceivedMessage? {
        while let message = inbox.takeAhead() {
            // It has been counted when it was received ahead.
            let (batch, index) = (message.batch, message.index)
            let parts = unsafe (0..<batch.partCount(of: index)).compactMap { unsafe batch.part($0, of: index) }
            if let copy = unsafe ReceivedMessage(copying: parts) { return copy }
            journal.count(.noMemory)
            lost += 1
        }
        guard let message = inbox.takeFirst() else { return nil }
        countReceived(message.totalSize)
        return message
    }

    /// Notes whose identity the newest message of a ROUTER has come under, as a receive does. False for one that has
    /// nothing but that.
    private func noteSender(of burst: Burst, _ router: RouterRole) -> Bool {
        burst.changeNewest { name, content in
            if let origin = content.origin, !name.withBytes({ unsafe router.isKnown($0, from: origin) }) {
                let identity = name.bytes
                unsafe identity.withUnsafeBytes { unsafe noteIdentity($0, from: origin, in: &name, of: router) }
                name.become(identity)
            }
            let isMadeUp = name.withBytes { unsafe $0.first == 0 }
            if isMadeUp, let chosen = content.property("Identity"), !chosen.isEmpty { name.become(chosen) }
        }
    }

    /// Makes messages that were taken the next ones to be received.
    func giveBack(_ burst: Burst) {
        burst.takeAll(believesUserIDs: believesUserIDs) { message in
            guard let message else { return journal.count(.noMemory) }
            slot.pointee.messagesReceived &-= 1
            slot.pointee.bytesReceived &-= UInt64(truncatingIfNeeded: message.totalSize)
            putBack(message)
        }
        pump()
    }

    // MARK: Passing on

    /// Sends messages on, as many as there is room for.
    ///
    /// - Parameter copies: receives a copy of each that was sent.
    func passOn(_ burst: Burst, copies: Burst?) -> PassedOn {
        var passed = PassedOn()
        guard let socket = unsafe socket else { return passed }
        while let (size, parts) = burst.next, !isGated {
            var refusal = reasonNotToSend(size, parts: parts)
            // One subscriber must not have the link to the publishers cut for all. libzmq looks at every part.
            if kind == .xsub, unsafe burst.isThereInFirst({ unsafe Topic.isUnbearable($0) }) { refusal = .invalid }
            if refusal == nil {
                let isCopied = copies?.addCopy(ofFirstIn: burst) ?? false
                if unsafe burst.sendFirst(to: socket) < 0 {
                    let number = errno
                    if isCopied { copies?.removeLast() }
                    guard number != EAGAIN, number != ENOMEM else { break }
                    refusal = Code(errno: number)
                }
            }
            burst.removeFirst()
            if let refusal {
                countRefusedSend(refusal)
                passed.undeliverable += 1
            } else {
                countSent(size)
                passed.messages += 1
                passed.bytes += size
            }
        }
        if passed.messages > 0 { afterSend() }
        return passed
    }

    /// Sends what there is room for at once, and refuses the rest.
    ///
    /// - Returns: how many were sent.
    func passOnOrDrop(_ burst: Burst) -> Int {
        var sent = passOn(burst, copies: nil).messages
        // What it can not have now it could have after libzmq has worked through its commands.
        if !burst.isEmpty {
            pump()
            sent += passOn(burst, copies: nil).messages
        }
        for _ in 0..<burst.count { countRefusedSend(.timeout) }
        burst.removeAll()
        return sent
    }
}

extension Frame {
    /// Takes these bytes on, if there is memory for them and they are not there already.
    fileprivate mutating func become(_ bytes: [UInt8]) {
        guard !withBytes({ unsafe $0.elementsEqual(bytes) }) else { return }
        unsafe bytes.withUnsafeBytes { if let frame = unsafe Frame(copying: $0) { self = frame } }
    }
}
