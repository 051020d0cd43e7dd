// SPDX-License-Identifier: Apache-2.0

import CLinux

/// What a send or a receive touches, in memory that is never freed and never moves.
///
/// A handle leads to a slot by its index alone, without a lock, a reference count or a class: a stale handle finds a
/// slot that says so. The slot's lock serves the look-up and makes the socket usable from every thread at once.
/// Everything that is not needed for a message on its usual way is in ``SocketCore``.
@safe
struct SocketSlot: HandleSlot, ~Copyable {
    static let kind: UInt64 = 0x53
    static let handles = HandleAllocation.ofProcess { socketSlots.resumeInChild() }

    /// Nobody's handle, whichever slot it leads to. Not 0: a zeroed handle leads to the first slot.
    static let noID = UInt64.max

    var sendTraps: Traps = []
    var receiveTraps: Traps = []
    /// Messages that begin with a byte less than this are looked at before they are handed over: a subscriber drops the
    /// echoes of its own probes, which start with a zero byte, an XPUB counts subscriptions, with zeros and ones.
    var firstBytesLookedAt: UInt8 = 0
    /// The bound of a call that names none, in milliseconds.
    var defaultTimeout: Int32 = 0
    /// The handle of the open socket; `noID` while there is none.
    var liveID = noID
    var socket: RawSocket?
    var maxMessageSize = Int.max
    /// What is sent in one call; longer messages take the way that never copies them twice.
    var shortMessageSize = 0
    var messagesSent: UInt64 = 0
    var bytesSent: UInt64 = 0
    var messagesReceived: UInt64 = 0
    var bytesReceived: UInt64 = 0
    /// Reused for every receive, which saves libzmq a conversion and us an initialization.
    var inbound = Frame()
    /// Everything else about the socket; nil while the slot is free.
    var core: SocketCore?
    /// What is published in one call has less bytes, topic and payload together; 0 where these are not its two parts.
    var shortPublishEnd: UInt = 0
    /// When a publisher looked after its subscriptions last.
    var tick = PublisherTick()

    /// A socket moves in.
    mutating func begin(_ socket: RawSocket, _ core: SocketCore, id: UInt64) {
        unsafe self.socket = socket
        self.core = core
        defaultTimeout = Int32(clamping: core.options.defaultTimeout.roundedUpMilliseconds)
        firstBytesLookedAt = core.kind == .sub ? 1 : core.kind == .xpub ? 2 : 0
        messagesSent = 0
        bytesSent = 0
        messagesReceived = 0
        bytesReceived = 0
        tick = PublisherTick()
        liveID = id
    }
}

/// Reasons for an operation to leave its shortest path. None set is the usual case, tested with one comparison.
///
/// They follow from what is true of the socket by the ``TrapRule`` of its kind, and are put into its slot whenever its
/// lock is released.
struct Traps: OptionSet {
    let rawValue: UInt32

    /// The socket type can not do this.
    static let unsupported = Traps(rawValue: 1)
    /// Threads wait for messages or room; libzmq's signal must be passed on to them.
    static let waiters = Traps(rawValue: 2)
    /// A connect is under way whose pipe may be thrown away; nothing may be sent into it.
    static let gated = Traps(rawValue: 4)
    /// A publisher, which has to look after its subscriptions; an XPUB only while somebody waits for them.
    static let publisher = Traps(rawValue: 8)
    /// Messages are held that were received but not handed over.
    static let holding = Traps(rawValue: 16)
    /// Somebody watches the socket's descriptor, which has to be kept true.
    static let watched = Traps(rawValue: 32)
    /// A call waits for the answer to its request, and nobody else is to take it or to send another one; or a signal
    /// has interrupted that call, and whoever does something else gives the request up.
    static let requesting = Traps(rawValue: 64)
    /// Nothing has been sent for a while: the next message starts the watch over the connections.
    static let resting = Traps(rawValue: 128)
    /// Threads of this process may be cancelled, so each call has to be kept from that.
    static let cancelable = Traps(rawValue: 256)
}

/// Where the handles of sockets lead.
let socketSlots = SlotTable<SocketSlot>()

typealias SlotPointer = UnsafeMutablePointer<SocketSlot>

// Safe: slots are there for ever. What is in one is not, for who has no lock.
extension UnsafeMutablePointer<SocketSlot> {
    /// The core of an open socket, if the handle is still its own. The lock has to be held.
    @safe
    @inline(__always)
    func core(of id: UInt64) -> SocketCore? { unsafe pointee.liveID == id ? pointee.core : nil }

    /// Takes the lock, for all that does more than the shortest path: false, at once, also if the calling thread has
    /// another lock of ours.
    @safe
    @inline(__always)
    func enter() -> Bool { !HeldLocks.isAny && take() }

    /// Goes on with a call that has left its short way. The lock is held at entry.
    ///
    /// - Parameter goOn: with the lock held, and whether it has been all the while; releases it.
    @safe
    @inline(__always)
    func leavingShortWay(_ goOn: (_ hasKeptLock: Bool) -> ZMQSocketError.Code) -> ZMQSocketError.Code {
        guard !HeldLocks.isAny else {
            unlock()
            return .state
        }
        guard ThreadCancellation.isPossible else { return goOn(true) }
        // No thread may end while it has the lock.
        unlock()
        return ThreadCancellation.held { take() ? goOn(false) : .state }
    }

    /// Whether a publish has nothing to see to but its message. The lock has to be held.
    @safe
    @inline(__always)
    var publishesAtOnce: Bool {
        let traps = unsafe pointee.sendTraps
        return unsafe traps.isEmpty || traps == .publisher && !pointee.tick.isOver(at: clinux_coarse_ns())
    }

    /// Wakes whoever waits on the socket, to look what has been cancelled. Without waiting for the lock: false if
    /// somebody has it, or tasks wait, which can not be resumed here. May be called in a signal handler.
    @safe
    func tryToWake() -> Bool {
        guard tryTake() else { return false }
        defer { unlock() }
        guard let core = unsafe pointee.core else { return true }
        guard core.waiters.tasks == 0 else { return false }
        core.waiters.wakeEveryone()
        return true
    }

    /// The same with the patience that a thread of the library has.
    @safe
    func wake() {
        lock()
        guard let core = unsafe pointee.core else { return unlock() }
        core.waiters.wakeEveryone()
        core.unlock()
    }
}

extension SlotTable where Slot == SocketSlot {
    /// Runs `body` with the core of an open socket, under its lock.
    ///
    /// - Throws: `closed`, `forked` or `handle` where there is none, `state` in a signal handler that has interrupted
    ///   who has the lock, and what `body` throws.
    func withCore<R>(
        of id: UInt64,
        _ body: (SocketCore) throws(ZMQSocketError) -> R
    ) throws(ZMQSocketError) -> R {
        guard let slot = slot(of: id) else { throw ZMQSocketError(failure(of: id)) }
        guard slot.enter() else { throw .inSignalHandler }
        guard let core = slot.core(of: id) else {
            slot.unlock()
            throw ZMQSocketError(failure(of: id))
        }
        defer { core.unlock() }
        return try body(core)
    }
}

extension ZMQSocketError {
    /// A signal handler calls the library, which the thread it runs on has not left.
    package static var inSignalHandler: ZMQSocketError {
        ZMQSocketError(.state, message: "a signal handler has interrupted the library on this thread; call it later")
    }
}
