// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    /// Somebody is to be told of a change by whoever may have used libzmq's signal up.
    var hasAudience: Bool { waiters.hasMessageSleepers || isWatched }

    /// Lets libzmq work through the socket's commands.
    ///
    /// Subscriptions restored, pipes of new peers attached, ended connections closed: all that happens only when some
    /// call on the socket does this. It uses up libzmq's signal, so those who wait for it are told.
    func pump() {
        unsafe wakeSatisfied(readEvents())
    }

    /// The same without telling anybody: what it may be worth trying, `readable` and `writable`. What a user is told is
    /// ``possible(_:as:)``.
    ///
    /// - Parameter exactly: it is not to be `readable` for what a receive would not hand over.
    private func readEvents(exactly: Bool) -> Interest {
        guard let socket = unsafe socket, var events = unsafe ZMQ.events(socket) else { return [] }
        if events.contains(.readable), exactly || readiness.isOpen, inbox.isEmpty, !isRequesting, mayDropArrived {
            holdNextMessage()
            events.remove(.readable)
        }
        if !inbox.isEmpty {
            events.insert(.readable)
            // It stands for a request that was not received yet, and can not be answered.
            if kind == .rep { events.remove(.writable) }
        }
        if let publisher = role.publisher {
            let hasNotices = events.remove(.readable) != nil
            if hasNotices { unsafe takeSubscriptionNotices(of: publisher, from: socket) }
            if !inbox.isEmpty { events.insert(.readable) }
        }
        readiness.show(!isRequesting && events.contains(.readable))
        room.note(events.contains(.writable))
        return events
    }

    func readEvents() -> Interest { readEvents(exactly: false) }

    /// What a call would do now: `readable` if a receive would find a message, `writable` if a send would take one. The
    /// one answer there is, whoever asks in whatever way. What is seen that others wait for goes on to them.
    ///
    /// Of a socket that sends to several peers by topic or identity it is what would be done for one that has room.
    func possible(_ asked: Interest = [.readable, .writable], as waiter: WaiterPointer? = nil) -> Interest {
        let found = readEvents(exactly: asked.contains(.readable))
        unsafe wakeSatisfied(found, except: waiter)
        // It is the request's turn, which neither waits for the other.
        guard !isRequesting else { return [] }
        var possible: Interest = []
        if found.contains(.readable), kind.canReceive { possible.insert(.readable) }
        if found.contains(.writable), kind.canSend, !isGated { possible.insert(.writable) }
        return possible.intersection(asked)
    }

    /// Passes on what libzmq said last to those who wait for it and may do it: who can do nothing with it would pass it
    /// on to the next, and that one back.
    @inline(__always)
    func wakeSatisfied(_ events: Interest, except: WaiterPointer? = nil) {
        if !waiters.isEmpty { unsafe wakeWaiting(events, except: except) }
    }

    private func wakeWaiting(_ events: Interest, except: WaiterPointer?) {
        if events.contains(.readable) { waiters.wakeFirst(isRequesting ? .answer : .readable, except: except) }
        guard events.contains(.writable), !isGated else { return }
        if kind.publishes {
            // Whose queue has room again only an attempt can tell: it depends on the topic.
            waiters.wakeAll(.writable, except: except)
        } else {
            waiters.wakeFirst(isRequesting ? .request : .writable, except: except)
        }
    }

    /// What of `interest` is there now. What it sees that others wait for goes on to them.
    func ready(for interest: Interest, as waiter: WaiterPointer?) -> Interest {
        var ready: Interest = []
        if interest.contains(.events), journal.hasEvents { ready.insert(.events) }
        guard !interest.isDisjoint(with: .messages) else { return ready }
        return unsafe ready.union(possible(interest.intersection([.readable, .writable]), as: waiter))
    }

    /// The socket's descriptor for messages; made and kept true from the first call on.
    func readinessDescriptor() throws(ZMQSocketError) -> Int32 {
        guard kind.canReceive else {
            throw ZMQSocketError(.notSupported, message: "a \(kind.name) socket receives nothing")
        }
        if !readiness.isOpen {
            try readiness.open()
            try beginToShow { $0.readiness.close() }
        }
        return readiness.number
    }

    /// The same for room to send.
    func roomDescriptor() throws(ZMQSocketError) -> Int32 {
        guard kind.canSend else {
            throw ZMQSocketError(.notSupported, message: "a \(kind.name) socket sends nothing")
        }
        if !room.isOpen {
            try room.open()
            try beginToShow { $0.room.close() }
        }
        return room.number
    }

    /// - Parameter giveUp: takes back what can not be kept true.
    private func beginToShow(orElse giveUp: (SocketCore) -> Void) throws(ZMQSocketError) {
        do throws(ZMQSocketError) {
            try watchCommands(permanently: true)
        } catch {
            giveUp(self)
            throw error
        }
        pump()
    }

    // MARK: The supervisor's eye

    /// Has the supervisor work through the socket's commands as they come.
    ///
    /// A publisher needs that all the time, for its subscriptions. Other sockets need it for a moment after a
    /// disconnect or an unbind: libzmq ends a connection in several steps between its threads, each of which waits for
    /// some call on the socket, and the caller may make none.
    func watchCommands(permanently: Bool) throws(ZMQSocketError) {
        if commands.token == nil {
            commands.token = try context.supervisor.watch(
                commands.descriptor,
                events: Supervisor.eachWrite
            ) { [self] _ in locked { seeToCommands() } }
        }
        if permanently { commands.isPermanent = true } else { commands.followsUp(from: .now()) }
        if let end = commands.end { context.supervisor.cancel(end) }
        commands.end = nil
        guard !commands.isPermanent, let end = commands.followUpEnd else { return }
        commands.end = context.supervisor.schedule(at: end) { [self] in locked { endCommandWatch() } }
    }

    /// Has the commands worked through that have come: by the task that waits for messages, if it is the only one who
    /// does and nobody else is to be told. It does so before it sleeps again or leaves.
    ///
    /// What keeps up subscriptions does not wait until that task has its turn. A thread that waits for room on a
    /// publisher is woken by the same write, and always looks: both would be in each other's way.
    private func seeToCommands() {
        if kind == .pub, waiters.hasLeader { return }
        let isTasks = !isWatched && !kind.handlesSubscriptions && !commands.isFollowingUp
        if !(isTasks && waiters.wakeSoleTask()) { pump() }
    }

    /// Something was ended whose last steps are still to come.
    func followUp() {
        pump()
        // Without a descriptor to watch with, the next call on the socket does the rest.
        try? watchCommands(permanently: false)
    }

    func endCommandWatch() {
        if let token = commands.token { context.supervisor.unwatch(token, descriptor: commands.descriptor) }
        if let end = commands.end { context.supervisor.cancel(end) }
        commands = CommandWatch(descriptor: commands.descriptor)
    }
}
