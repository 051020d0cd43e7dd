// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Reasons for an operation to leave its shortest path. None set is the usual case, tested with one comparison.
struct Traps: OptionSet {
    let rawValue: UInt32

    /// The socket type can not do this.
    static let unsupported = Traps(rawValue: 1)
    /// Threads wait for messages or room; libzmq's signal must be passed on to them.
    static let waiters = Traps(rawValue: 2)
    /// A connect is under way whose pipe may be thrown away; nothing may be sent into it.
    static let gated = Traps(rawValue: 4)
    /// A publisher, which has to look after its subscriptions.
    static let publisher = Traps(rawValue: 8)
    /// Messages are held that were received but not handed over.
    static let holding = Traps(rawValue: 16)
    /// Somebody watches the socket's descriptor, which has to be kept true.
    static let watched = Traps(rawValue: 32)
    /// A call waits for the answer to its request, and nobody else is to take it or to send another one; or a signal has
    /// interrupted that call, and whoever does something else gives the request up.
    static let requesting = Traps(rawValue: 64)
    /// Nothing has been sent for a while: the next message starts the watch over the connections.
    static let resting = Traps(rawValue: 128)
    /// What is to be told of a change by whoever may have used libzmq's signal up.
    static let audience: Traps = [.waiters, .watched]
}

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

    @inline(__always)
    func lock() { futexLock.lock() }

    @inline(__always)
    func unlock() { futexLock.unlock() }
}
