// SPDX-License-Identifier: Apache-2.0

import DequeModule
import LibC

extension SocketCore {
    /// Opens a socket in a free slot.
    ///
    /// - Returns: its handle.
    static func open(
        _ kind: ZMQSocketType,
        _ options: ZMQSocketOptions,
        in context: ContextCore
    ) throws(ZMQSocketError) -> UInt64 {
        lookForCancellation()
        try context.checkUsable()
        try options.validate(for: kind)
        try context.supervisor.start()
        try context.watchCancels { PendingCancels.work() }
        // Before there is a socket that somebody could come in through.
        if options.security?.needsHandler == true { _ = try context.keepDoors() }
        let socket = try unsafe context.newSocket(kind)
        do throws(ZMQSocketError) {
            try unsafe options.apply(to: socket, kind: kind)
            guard let descriptor = unsafe ZMQ.descriptor(of: socket) else {
                throw ZMQSocketError(.internal, systemErrno: errno, message: "the socket has no descriptor")
            }
            return try unsafe open(kind, options, in: context, socket: socket, descriptor: descriptor)
        } catch {
            unsafe ZMQ.close(socket)
            throw error
        }
    }

    /// Somebody may have been loaded who cancels threads: sockets that are open have to know, too.
    private static func lookForCancellation() {
        guard ThreadCancellation.look() else { return }
        for id in ContextCore.allSockets { try? socketSlots.withCore(of: id) { $0.barShortWays() } }
    }

    private static func open(
        _ kind: ZMQSocketType,
        _ options: ZMQSocketOptions,
        in context: ContextCore,
        socket: RawSocket,
        descriptor: Int32
    ) throws(ZMQSocketError) -> UInt64 {
        let (slot, id) = try socketSlots.allocate()
        let core = unsafe SocketCore(
            id: id,
            slot: slot,
            kind: kind,
            options: options,
            context: context,
            descriptor: descriptor
        )
        do throws(ZMQSocketError) {
            try context.socketOpened(id) { id in SocketCore.report(of: id) }
            do throws(ZMQSocketError) {
                if let demand = SocketCore.demand(of: options.security) {
                    try unsafe core.openDoor(socket, context.keepDoors(), demand)
                }
                try unsafe core.watch(socket)
            } catch {
                core.underLock { core.shutDoor() }
                context.socketClosed(id)
                context.socketFinished()
                throw error
            }
        } catch {
            socketSlots.release(id)
            throw error
        }
        slot.lock()
        unsafe slot.pointee.begin(socket, core, id: id)
        slot.front.begin(id)
        core.barShortWays()
        core.applyMaxMessageSize()
        // A context that has begun to close meanwhile did not find this one.
        let isTooLate = context.isClosing
        if isTooLate { core.beginClose(linger: 0) }
        core.unlock()
        guard !isTooLate else { throw ZMQSocketError(.closed, message: "the context is closed") }
        return id
    }

    /// Has the supervisor look after the socket's links and, for a publisher, its subscriptions. All of it or nothing.
    private func watch(_ socket: RawSocket) throws(ZMQSocketError) {
        do throws(ZMQSocketError) {
            if kind.publishes { try watchCommands(permanently: true) }
            // Last, as it can not be taken back: it lives as long as the supervisor watches it, which is until libzmq
            // is done with the socket, and says so then.
            _ = try unsafe MonitorTap(
                on: socket,
                of: context.raw,
                supervisor: context.supervisor,
                deliver: { [self] events, more in
                    underLock { if isClosed { events = [] } else { handle(&events, more: more) } }
                },
                ended: { [self] in
                    context.socketFinished()
                    finished.complete()
                    ClosingSockets.ended(id)
                }
            )
        } catch {
            // The slot will be somebody else's, and the supervisor may be about to come for this socket.
            underLock {
                _ = endLife()
                endCommandWatch()
            }
            throw error
        }
    }
}
