// SPDX-License-Identifier: Apache-2.0

import DequeModule
import Glibc
import Logging
import Synchronization

/// Everything about an open socket that a message on its usual way does not touch.
///
/// It is guarded by the lock of its slot: every member is used with that lock held, unless it says otherwise. Work that
/// must not happen under the lock (calling a log handler) is collected and done after it is released.
final class SocketCore: @unchecked Sendable {
    // Unchecked: guarded by the slot's lock.
    let id: UInt64
    let slot: SlotPointer
    let kind: SocketKind
    /// As it was opened, and as options set by number have changed it.
    var options: SocketOptions
    let context: ContextCore
    private let trapRule: TrapRule
    /// A number for logs: the first socket of the process is 1.
    let number: UInt64

    private(set) var isClosed = false
    /// Counts calls of `cancel`; a wait ends when it is not what it was at its start.
    var cancelCount: UInt64 = 0
    var waiters = WaitQueue()
    let role: Role
    /// libzmq's descriptor, which says that there are commands to work through.
    let descriptor: Int32

    var commandWatch = CommandWatch()
    var readiness = ReadinessDescriptor()
    var liveness: LivenessWatch

    // Links and peers
    var links: [Link] = []
    /// One of the links makes an attempt whose pipe is thrown away if it fails.
    var isAttempting = false
    var lastLinkNumber: UInt64 = 0
    var boundEndpoints: [BoundEndpoint] = []
    /// It was told to connect or to bind: from then on it may have queues, also such that are ending.
    var mayHaveQueues = false
    var interruptedBind: BindProgress?
    var accepted = AcceptedPeers()
    /// How many sockets of the context are connected to each inproc name bound here, by the numbers of the binds.
    var inprocClients: [UInt64: Int] = [:]

    /// Received, but not handed over: kept for the next receive.
    var inbox = Inbox()

    // Observing
    var events: EventQueue
    var statistics = SocketStatistics()
    private var unwrittenLog: [LogEntry] = []

    /// Set once libzmq has given back everything that belonged to the socket.
    let finished = Completion()

    private static let lastNumber = Atomic<UInt64>(0)

    private init(
        id: UInt64,
        slot: SlotPointer,
        kind: SocketKind,
        options: SocketOptions,
        context: ContextCore,
        descriptor: Int32
    ) {
        self.id = id
        self.slot = slot
        self.kind = kind
        self.options = options
        self.context = context
        trapRule = TrapRule(for: kind)
        role = Role(of: kind, retry: options.retry)
        self.descriptor = descriptor
        number = Self.lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        liveness = LivenessWatch(limit: kind.canSend && options.keepAlive > .zero ? options.keepAliveSeconds : nil)
        events = EventQueue(capacity: options.eventCapacity)
    }

    // MARK: Opening

    /// Opens a socket in a free slot.
    static func open(
        _ kind: SocketKind,
        _ options: SocketOptions,
        in context: ContextCore
    ) throws(ZMQSocketError) -> SocketHandle {
        try context.checkUsable()
        try options.validate(for: kind)
        try context.supervisor.start()
        let (created, failure) = context.newSocket(kind)
        guard let socket = created else {
            throw ZMQSocketError(errno: failure, doing: "libzmq can not make a socket")
        }
        do throws(ZMQSocketError) {
            try options.apply(to: socket, kind: kind)
            guard let descriptor = ZMQ.descriptor(of: socket) else {
                throw ZMQSocketError(.internal, systemErrno: errno, message: "the socket has no descriptor")
            }
            return try open(kind, options, in: context, socket: socket, descriptor: descriptor)
        } catch {
            ZMQ.close(socket)
            throw error
        }
    }

    private static func open(
        _ kind: SocketKind,
        _ options: SocketOptions,
        in context: ContextCore,
        socket: RawSocket,
        descriptor: Int32
    ) throws(ZMQSocketError) -> SocketHandle {
        let (slot, id) = try SocketTable.allocate()
        let core = SocketCore(
            id: id,
            slot: slot,
            kind: kind,
            options: options,
            context: context,
            descriptor: descriptor
        )
        do throws(ZMQSocketError) {
            try context.socketOpened(id)
            do throws(ZMQSocketError) {
                try core.watch(socket)
            } catch {
                context.socketClosed(id)
                context.socketFinished()
                throw error
            }
        } catch {
            SocketTable.release(id)
            throw error
        }
        slot.lock()
        slot.pointee.socket = socket
        slot.pointee.core = core
        slot.pointee.defaultTimeout = Int32(clamping: options.defaultTimeout.roundedUpMilliseconds)
        core.applyMaxMessageSize()
        slot.pointee.filtersProbes = kind == .sub
        slot.pointee.messagesSent = 0
        slot.pointee.bytesSent = 0
        slot.pointee.messagesReceived = 0
        slot.pointee.bytesReceived = 0
        slot.pointee.liveID = id
        // A context that has begun to close meanwhile did not find this one.
        let isTooLate = context.isClosing
        if isTooLate { core.beginClose(linger: 0) }
        core.unlock()
        guard !isTooLate else { throw ZMQSocketError(.closed, message: "the context is closed") }
        return SocketHandle(rawValue: id)
    }

    /// Has the supervisor look after the socket's links and, for a publisher, its subscriptions. All of it or nothing.
    private func watch(_ socket: RawSocket) throws(ZMQSocketError) {
        do throws(ZMQSocketError) {
            if kind == .pub { try watchCommands(permanently: true) }
            // Last, as it can not be taken back: it lives as long as the supervisor watches it, which is until libzmq is
            // done with the socket, and says so then.
            _ = try MonitorTap(
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
                markClosed()
                endCommandWatch()
            }
            throw error
        }
    }

    // MARK: The lock

    /// Runs `body` under the lock unless the socket is closed; for the supervisor's thread.
    func locked(_ body: () -> Void) {
        slot.lock()
        if !isClosed { body() }
        unlock()
    }

    /// Runs `body` under the lock, whatever has become of the socket.
    func underLock(_ body: () -> Void) {
        slot.lock()
        body()
        unlock()
    }

    /// Releases the lock, once the slot shows what has become of the socket, and writes what was to be logged meanwhile.
    func unlock() {
        // A closed socket's slot may be somebody else's by now.
        if !isClosed { settle() }
        guard !unwrittenLog.isEmpty else { return slot.unlock() }
        let log = unwrittenLog
        unwrittenLog = []
        slot.unlock()
        for entry in log { entry.write() }
    }

    /// Sets the traps that the present state calls for.
    func settle() {
        var facts: Traps = []
        if waiters.messageWaiters > 0 { facts.insert(.waiters) }
        if readiness.isOpen { facts.insert(.watched) }
        if case .requester(let requester) = role, requester.hasRequest { facts.insert(.requesting) }
        if liveness.awaitsTraffic { facts.insert(.resting) }
        if isAttempting { facts.insert(.gated) }
        if !inbox.isEmpty { facts.insert(.holding) }
        let send = trapRule.traps(sending: facts)
        let gateOpens = slot.pointee.sendTraps.contains(.gated) && !send.contains(.gated)
        slot.pointee.sendTraps = send
        slot.pointee.receiveTraps = trapRule.traps(receiving: facts)
        if gateOpens { waiters.wakeAll([.writable, .request]) }
    }

    /// Nothing may be sent now: it could go into the pipe of an attempt to connect.
    var isGated: Bool { isAttempting && kind.balancesSends }

    /// A call waits for the answer to its request.
    var isRequesting: Bool {
        if case .requester(let requester) = role { requester.isRequesting } else { false }
    }

    /// Somebody is to be told of a change by whoever may have used libzmq's signal up.
    var hasAudience: Bool { waiters.messageWaiters > 0 || readiness.isOpen }

    func markClosed() {
        isClosed = true
        slot.pointee.liveID = SocketSlot.noID
    }

    // MARK: Small things everybody needs

    /// Lets sends know the largest message.
    func applyMaxMessageSize() {
        slot.pointee.maxMessageSize = options.maxMessageSize == 0 ? .max : options.maxMessageSize
        // A ROUTER's first part names the peer: its sends never take the shortest path.
        slot.pointee.shortMessageSize =
            kind == .router ? -1 : min(slot.pointee.maxMessageSize, OutgoingMessage.shortSize)
    }

    var socket: RawSocket? { slot.pointee.socket }

    /// Peers with a finished handshake.
    var peerCount: Int {
        links.count { $0.isEstablished } + accepted.count + inprocClients.values.reduce(0, +)
    }

    /// Lets libzmq work through the socket's commands.
    ///
    /// Subscriptions restored, pipes of new peers attached, ended connections closed: all that happens only when some
    /// call on the socket does this. It uses up libzmq's signal, so those who wait for it are told.
    func pump() {
        wakeSatisfied(readEvents())
    }

    /// The same without telling anybody: what the socket can do now, `readable` and `writable`.
    ///
    /// - Parameter exactly: it is not to be `readable` for what a receive would not hand over.
    func readEvents(exactly: Bool = false) -> Interest {
        guard let socket, var events = ZMQ.events(socket) else { return [] }
        if events.contains(.readable), exactly || readiness.isOpen, inbox.isEmpty, !isRequesting, mayDropArrived {
            holdNextMessage()
            events.remove(.readable)
        }
        if !inbox.isEmpty {
            events.insert(.readable)
            // It stands for a request that was not received yet, and can not be answered.
            if kind == .rep { events.remove(.writable) }
        }
        if case .publisher(let publisher) = role {
            if events.contains(.readable) { takeSubscriptionNotices(of: publisher, from: socket) }
            events.remove(.readable)
        }
        readiness.show(!isRequesting && events.contains(.readable))
        return events
    }

    /// Passes on what libzmq said last to those who wait for it and may do it: who can do nothing with it would pass it on
    /// to the next, and that one back.
    func wakeSatisfied(_ events: Interest, except: WaiterPointer? = nil) {
        if events.contains(.readable) { waiters.wakeFirst(isRequesting ? .answer : .readable, except: except) }
        guard events.contains(.writable), !isGated else { return }
        if kind.publishes {
            // Whose queue has room again only an attempt can tell: it depends on the topic.
            waiters.wakeAll(.writable, except: except)
        } else {
            waiters.wakeFirst(isRequesting ? .request : .writable, except: except)
        }
    }

    /// Notes an event for the reader of events and for the log.
    func report(_ event: SocketEvent) {
        var event = event
        if event.monotonicNanoseconds == 0 { event.monotonicNanoseconds = MonotonicInstant.now().nanoseconds }
        if event.code != .ok { statistics.lastError = event.code }
        if Log.isEnabled(LogEntry.level(of: event)) {
            unwrittenLog.append(LogEntry(kind: kind, number: number, event: event))
        }
        events.append(event)
        waiters.wakeAll(.events)
    }

    /// Counts a failed call.
    ///
    /// - Parameter timeout: the call's own, where a try is not a failure: a call that does not want to wait and finds nothing has not failed.
    func count(_ failure: ZMQSocketError.Code, timeout: Int32? = nil) {
        let isTry = timeout.map { ($0 < 0 ? slot.pointee.defaultTimeout : $0) == 0 } ?? false
        guard failure != .timeout || !isTry else { return }
        statistics.lastError = failure
        if failure == .timeout { statistics.timeouts &+= 1 }
    }

    /// Counts a message that was not taken.
    func countRefusedSend(_ failure: ZMQSocketError.Code, timeout: Int32? = nil) {
        statistics.sendsRefused &+= 1
        count(failure, timeout: timeout)
    }

    var state: SocketState {
        if isClosed { return .closed }
        if peerCount > 0 { return .ready }
        if links.contains(where: { $0.hasBeenLost }) { return .reconnecting }
        if !links.isEmpty { return .connecting }
        return boundEndpoints.isEmpty ? .idle : .listening
    }
}
