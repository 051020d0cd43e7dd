// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Everything about an open socket that a message on its usual way does not touch.
///
/// It is guarded by the lock of its slot: every member is used with that lock held, unless it says otherwise. Its parts
/// own what they know and decide as values; what they decide is done here and in the files beside this one. Work that
/// must not happen under the lock (calling a log handler) is collected and done after it is released.
@safe
final class SocketCore: @unchecked Sendable {
    typealias Code = ZMQSocketError.Code

    // Unchecked: guarded by the slot's lock. Safe: the slot is never freed.
    let id: UInt64
    @safe let slot: SlotPointer
    let kind: ZMQSocketType
    private var trapRule: TrapRule
    /// As it was opened, and as options set by number have changed it.
    var options: ZMQSocketOptions
    let context: ContextCore
    let openedAt = MonotonicInstant.now()

    private var life = Life()
    /// Complete once libzmq has given back everything that belonged to the socket. For threads without the lock, too.
    let finished = Completion()
    // Searched for overlapping accesses in debug builds, by the tests, and not for every message of a user's.
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    var waiters = WaitQueue()
    /// Received, but not handed over: kept for the next receive.
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    var inbox = Inbox()
    /// Messages can be asked for all that libzmq knows of their senders.
    var keepsMetadata = false
    let role: Role
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    var connecting = ConnectingSide()
    /// For what libzmq still tries when it closes.
    var portHolds: [PortGuards.Hold] = []
    var bound: BoundSide
    var halfOpen = HalfOpenConnections()
    var guests = InprocGuests()
    /// Nil where nobody is asked who may come in.
    var entrance: Entrance?
    var securityByNumber = SecurityByNumber()
    var libzmqSendsByItself = false
    var commands: CommandWatch
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    var readiness = ReadinessDescriptor()
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    var room = RoomDescriptor()
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    var liveness: LivenessWatch
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    var journal: Journal

    private static let lastNumber = Atomic<UInt64>(0)

    /// What was opened until now does not count.
    static func restartNumbers() { lastNumber.store(0, ordering: .relaxed) }

    /// - Parameter descriptor: libzmq's, which says that there are commands to work through.
    init(
        id: UInt64,
        slot: SlotPointer,
        kind: ZMQSocketType,
        options: ZMQSocketOptions,
        context: ContextCore,
        descriptor: Int32
    ) {
        self.id = id
        unsafe self.slot = slot
        self.kind = kind
        self.options = options
        self.context = context
        trapRule = TrapRule(for: kind)
        role = Role(of: kind, retry: options.retry)
        commands = CommandWatch(descriptor: descriptor)
        bound = BoundSide(.of(options.security))
        liveness = LivenessWatch(limit: options.keepAliveSeconds)
        journal = Journal(
            kind: kind,
            number: Self.lastNumber.wrappingAdd(1, ordering: .relaxed).newValue,
            eventCapacity: options.eventCapacity,
            logTarget: LogTarget(above: context.logTarget)
        )
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

    /// Releases the lock, once the slot shows what has become of the socket, resumes the tasks that were woken, and
    /// writes what was to be logged meanwhile.
    func unlock() {
        // A closed socket's slot may be somebody else's by now.
        if !isClosed { settle() }
        if journal.hasLog || waiters.hasWoken { unlockAndTell() } else { slot.unlock() }
    }

    @inline(never)
    private func unlockAndTell() {
        let log = journal.takeLog()
        let woken = waiters.takeWoken()
        slot.unlock()
        woken.resume()
        for entry in log { entry.write() }
    }

    /// Bars the short ways, on which no call is kept from being cancelled, if threads can be.
    func barShortWays() {
        if ThreadCancellation.isPossible { trapRule.add(.cancelable) }
    }

    /// Sets the traps that the present state calls for.
    @inline(__always)
    private func settle() {
        if room.isOpen { room.show(unless: isGated || isRequesting) }
        var facts: Traps = []
        if waiters.messageWaiters > 0 { facts.insert(.waiters) }
        if waiters.stateWaiters > 0 { facts.insert(.publisher) }
        if isWatched { facts.insert(.watched) }
        if case .requester(let requester) = role, requester.hasRequest { facts.insert(.requesting) }
        if liveness.awaitsTraffic { facts.insert(.resting) }
        if holdsSends { facts.insert(.gated) }
        if !inbox.isEmpty { facts.insert(.holding) }
        slot.pointee.receiveTraps = trapRule.traps(receiving: facts)
        if !readiness.isOpen, room.isShown, !kind.takesTurns { facts.remove(.watched) }
        let wasGated = slot.pointee.sendTraps.contains(.gated)
        slot.pointee.sendTraps = trapRule.traps(sending: facts)
        if wasGated, !slot.pointee.sendTraps.contains(.gated) { wakeGated() }
    }

    @inline(never)
    private func wakeGated() { waiters.wakeAll([.writable, .request]) }

    // MARK: Life

    /// For its users it is gone.
    var isClosed: Bool { !life.isOpen }

    /// libzmq's socket; nil once that is to close.
    var socket: RawSocket? { unsafe slot.pointee.socket }

    /// Ends the socket for its users: no call finds it any more.
    ///
    /// - Returns: whether that has not been done before.
    func endLife() -> Bool {
        guard life.end() else { return false }
        slot.pointee.liveID = SocketSlot.noID
        slot.front.end()
        return true
    }

    /// Lets go of libzmq's socket.
    ///
    /// - Returns: the socket, which is to be closed; nil if that has been done before.
    func takeSocket() -> RawSocket? {
        guard life.beginClosing() else { return nil }
        defer { unsafe slot.pointee.socket = nil }
        return unsafe slot.pointee.socket
    }

    /// Gives the slot back, once the socket is closing and nobody is in it any more.
    func leaveSlot() {
        guard life.leave(isEmpty: waiters.isEmpty) else { return }
        waiters.close()
        slot.pointee.core = nil
        socketSlots.release(id)
    }

    // MARK: Questions

    /// Peers with a finished handshake.
    var peerCount: Int { connecting.peers + bound.peers }

    /// Nothing may be sent now: it could go into the pipe of an attempt to connect, or to an address that is left.
    var isGated: Bool { holdsSends && kind.balancesSends }

    /// A link that may move holds up nobody who has another peer: it may be away for long.
    private var holdsSends: Bool { connecting.isAttempting || connecting.mayMove && peerCount == 0 }

    /// A call waits for the answer to its request.
    var isRequesting: Bool {
        if case .requester(let requester) = role { requester.isRequesting } else { false }
    }

    /// Somebody has one of the socket's descriptors.
    var isWatched: Bool { readiness.isOpen || room.isOpen }

    /// The deadline of a call with this time-out; -1 is the socket's own default.
    func deadline(_ timeout: Int32) -> Deadline {
        Deadline(milliseconds: timeout < 0 ? slot.pointee.defaultTimeout : timeout, after: .now())
    }

    func deadline(_ timeout: ZMQTimeout) -> Deadline { timeout.deadline(usual: slot.pointee.defaultTimeout) }

    /// The linger of a close that names none.
    var usualLinger: Int32 { Int32(clamping: options.linger.roundedUpMilliseconds) }

    var state: ZMQSocketState {
        if isClosed { return .closed }
        if peerCount > 0 { return .ready }
        if connecting.hasLostOne { return .reconnecting }
        if !connecting.isEmpty { return .connecting }
        return bound.isEmpty ? .idle : .listening
    }

    var statistics: ZMQStatistics {
        var statistics = journal.summary
        statistics.messagesSent = slot.pointee.messagesSent
        statistics.bytesSent = slot.pointee.bytesSent
        let ahead = inbox.countedAhead
        statistics.messagesReceived = slot.pointee.messagesReceived &- UInt64(clamping: ahead.count)
        statistics.bytesReceived = slot.pointee.bytesReceived &- UInt64(clamping: ahead.size)
        statistics.peers = peerCount
        statistics.state = state
        return statistics
    }

    // MARK: What is noted

    /// Notes an event for the reader of events and for the log.
    func report(_ event: ZMQEvent) {
        journal.note(event, at: .now())
        waiters.wakeAll(.events)
    }

    /// Counts a failed call.
    ///
    /// - Parameter timeout: the call's own, where a try is not a failure: a call that does not want to wait and finds
    ///   nothing has not failed.
    func count(_ failure: Code, timeout: Int32? = nil) {
        count(failure, timeout: timeout.map { ZMQTimeout(milliseconds: $0) })
    }

    func count(_ failure: Code, timeout: ZMQTimeout?) {
        let isTry = timeout?.isTry(usual: slot.pointee.defaultTimeout) ?? false
        guard failure != .timeout || !isTry else { return }
        journal.count(failure)
    }

    /// Counts a failed call that answers with a code.
    func refuse(_ failure: Code) -> Code {
        if failure != .ok { count(failure) }
        return failure
    }

    /// Counts a message that was not taken.
    func countRefusedSend(_ failure: Code, timeout: Int32? = nil) {
        countRefusedSend(failure, timeout: timeout.map { ZMQTimeout(milliseconds: $0) })
    }

    func countRefusedSend(_ failure: Code, timeout: ZMQTimeout?) {
        journal.countRefusedSend()
        count(failure, timeout: timeout)
    }

    /// Counts a failed call, whose error is about to be thrown.
    func fail(_ error: ZMQSocketError, timeout: ZMQTimeout? = nil) -> ZMQSocketError {
        count(error.code, timeout: timeout)
        return error
    }

    func countSent(_ size: Int) {
        slot.pointee.messagesSent &+= 1
        slot.pointee.bytesSent &+= UInt64(truncatingIfNeeded: size)
    }

    func countReceived(_ size: Int) {
        slot.pointee.messagesReceived &+= 1
        slot.pointee.bytesReceived &+= UInt64(truncatingIfNeeded: size)
    }
}
