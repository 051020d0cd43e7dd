// SPDX-License-Identifier: Apache-2.0

/// What a send or a receive touches, in memory that is never freed and never moves.
///
/// A handle leads to a slot by its index alone, without a lock, a reference count or a class: a stale handle finds a
/// slot that says so. The slot's lock serves the look-up and makes the socket usable from every thread at once.
/// Everything that is not needed for a message on its usual way is in ``SocketCore``.
struct SocketSlot: ~Copyable {
    /// Nobody's handle, whichever slot it leads to. Not 0: a zeroed handle leads to the first slot.
    static let noID = UInt64.max

    var sendTraps: Traps = []
    var receiveTraps: Traps = []
    /// A subscriber drops the echoes of its own probes, which start with a zero byte.
    var filtersProbes = false
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

    /// A socket moves in.
    mutating func begin(_ socket: RawSocket, _ core: SocketCore, id: UInt64) {
        self.socket = socket
        self.core = core
        defaultTimeout = Int32(clamping: core.options.defaultTimeout.roundedUpMilliseconds)
        filtersProbes = core.kind == .sub
        messagesSent = 0
        bytesSent = 0
        messagesReceived = 0
        bytesReceived = 0
        liveID = id
    }
}

typealias SlotPointer = UnsafeMutablePointer<SocketSlot>

extension UnsafeMutablePointer<SocketSlot> {
    /// The bytes in front of a slot, which hold its lock and what it is cancelled by. No fields of it: changing a field
    /// counts as a change of the whole struct, for Swift's rules as for the thread sanitizer.
    static var frontSize: Int { (MemoryLayout<Cancelable>.size + 7) & ~7 }

    @inline(__always)
    var front: CancelablePointer {
        (UnsafeMutableRawPointer(self) - Self.frontSize).assumingMemoryBound(to: Cancelable.self)
    }

    /// Makes a free slot, with what belongs in front.
    static func initialize(at block: UnsafeMutableRawPointer, id: UInt64) {
        block.bindMemory(to: Cancelable.self, capacity: 1).initialize(to: Cancelable(id: id))
        (block + frontSize).bindMemory(to: SocketSlot.self, capacity: 1).initialize(to: SocketSlot())
    }

    /// The core of an open socket, if the handle is still its own. The lock has to be held.
    @inline(__always)
    func core(of id: UInt64) -> SocketCore? { pointee.liveID == id ? pointee.core : nil }

    /// Takes the lock. False, at once, if the calling thread has it: in a signal handler that has interrupted a call on
    /// the same socket.
    @inline(__always)
    func take() -> Bool { front.futexLock.take() }

    /// The same for all that does more than the shortest path: false also if the thread has another lock of ours.
    @inline(__always)
    func enter() -> Bool { !HeldLocks.isAny && take() }

    /// Takes the lock, which the calling thread does not have.
    @inline(__always)
    func lock() { front.futexLock.lock() }

    @inline(__always)
    func unlock() { front.futexLock.unlock() }

    /// Wakes whoever waits on the socket, to look what has been cancelled. Without waiting for the lock: false if
    /// somebody has it. May be called in a signal handler.
    func tryToWake() -> Bool {
        guard front.futexLock.tryTake() else { return false }
        pointee.core?.waiters.wakeEveryone()
        unlock()
        return true
    }
}
