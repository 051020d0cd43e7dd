// SPDX-License-Identifier: Apache-2.0

import Synchronization

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
    /// Counts the sockets that have lived here.
    var generation: UInt32 = 0
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
    /// The bytes in front of a slot that hold its lock. Not a field of it: changing a field counts as a change of the
    /// whole struct, for Swift's rules as for the thread sanitizer.
    static var lockSize: Int { 8 }

    private var futexLock: FutexLock {
        @inline(__always) get {
            let word = UnsafeMutableRawPointer(self) - Self.lockSize
            return FutexLock(word: word.assumingMemoryBound(to: Atomic<UInt32>.self))
        }
    }

    /// Makes a free slot, with its lock in front.
    static func initialize(at block: UnsafeMutableRawPointer) {
        block.bindMemory(to: Atomic<UInt32>.self, capacity: 1).initialize(to: Atomic(0))
        (block + lockSize).bindMemory(to: SocketSlot.self, capacity: 1).initialize(to: SocketSlot())
    }

    /// The core of an open socket, if the handle is still its own. The lock has to be held.
    @inline(__always)
    func core(of id: UInt64) -> SocketCore? { pointee.liveID == id ? pointee.core : nil }

    @inline(__always)
    func lock() { futexLock.lock() }

    @inline(__always)
    func unlock() { futexLock.unlock() }
}
