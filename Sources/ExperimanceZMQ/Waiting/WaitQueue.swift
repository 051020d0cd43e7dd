// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC
import Synchronization

/// One thread or task that waits on a socket. It lives as long as the waiting call, and the queue has it no longer.
@safe
struct Waiter: ~Copyable {
    /// 0 while nothing has happened, 1 once the thread should look again. What a follower sleeps on.
    let word = Atomic<UInt32>(0)
    let interest: Interest
    /// That of a thread that waits on several sockets and polls all their descriptors itself; else it is not open.
    let bell: Bell
    /// The task, if it is none of a thread.
    let task: ParkedTask?
    fileprivate var next: WaiterPointer?
    fileprivate var previous: WaiterPointer?

    init(interest: Interest, bell: Bell = Bell(), task: ParkedTask? = nil) {
        self.interest = interest
        self.bell = bell
        self.task = task
    }

    /// Whether it can poll libzmq's descriptor for the others. The tasks' is polled by the supervisor.
    fileprivate var canLead: Bool {
        !bell.isOpen && task == nil && !interest.isDisjoint(with: .messages)
    }
}

typealias WaiterPointer = UnsafeMutablePointer<Waiter>

extension Waiter {
    /// Makes one on the stack, for the time of `body`. Without memory, which there is, the answer is `otherwise`.
    @safe
    @inline(__always)
    static func with<Result>(
        interest: Interest,
        otherwise: Result,
        _ body: (WaiterPointer) -> Result
    ) -> Result {
        unsafe withUnsafeTemporaryAllocation(
            byteCount: MemoryLayout<Waiter>.size,
            alignment: MemoryLayout<Waiter>.alignment
        ) { memory in
            guard let waiter = unsafe memory.baseAddress?.bindMemory(to: Waiter.self, capacity: 1) else {
                return otherwise
            }
            unsafe waiter.initialize(to: Waiter(interest: interest))
            defer { unsafe waiter.deinitialize(count: 1) }
            return unsafe body(waiter)
        }
    }
}

/// The threads and tasks that wait on one socket, first come first.
///
/// One of those that wait for messages is the leader: it polls libzmq's descriptor and the queue's own bell. All
/// others sleep on their own word. So a message wakes one thread and not all of them, and the queue's bell has exactly
/// one reader. When the leader leaves, the next one is woken to take its place. For tasks the supervisor polls libzmq's
/// descriptor. Everything here happens under the socket's lock; tasks that were woken are resumed after it.
@safe
struct WaitQueue {
    private var first: WaiterPointer?
    private var last: WaiterPointer?
    private(set) var leader: WaiterPointer?
    private(set) var count = 0
    /// How many wait for messages.
    private(set) var messageWaiters = 0
    /// How many wait for peers, subscribers or the like.
    private(set) var stateWaiters = 0
    /// Who makes an attempt at this moment. When it leaves it sees to the others itself.
    private var attempting: WaiterPointer?
    /// What wakes the leader; made when there is one for the first time.
    private var bell = Bell()
    /// To be resumed once the lock is released.
    private var woken = ParkedTask.List()
    /// How many of those who wait are tasks.
    private(set) var tasks = 0
    /// One of those who wait is a proxy, of which a socket has one.
    var hasProxy = false

    var isEmpty: Bool { count == 0 }

    /// A thread polls libzmq's descriptor, or has just done so and is about to look.
    var hasLeader: Bool { unsafe leader != nil }

    /// Whether somebody waits for messages who does not make an attempt at this moment.
    var hasMessageSleepers: Bool { unsafe messageWaiters > (attempting == nil ? 0 : 1) }

    mutating func append(_ waiter: WaiterPointer) {
        unsafe waiter.pointee.previous = last
        unsafe waiter.pointee.next = nil
        if let last = unsafe last { unsafe last.pointee.next = waiter } else { unsafe first = waiter }
        unsafe last = waiter
        count += 1
        if unsafe waiter.pointee.task != nil { tasks += 1 }
        if unsafe !waiter.pointee.interest.isDisjoint(with: .messages) { messageWaiters += 1 }
        if unsafe waiter.pointee.interest.contains(.state) { stateWaiters += 1 }
    }

    mutating func remove(_ waiter: WaiterPointer) {
        let (previous, next) = unsafe (waiter.pointee.previous, waiter.pointee.next)
        if let previous = unsafe previous {
            unsafe previous.pointee.next = next
        } else {
            unsafe first = next
        }
        if let next = unsafe next {
            unsafe next.pointee.previous = previous
        } else {
            unsafe last = previous
        }
        if unsafe leader == waiter { unsafe leader = nil }
        count -= 1
        if unsafe waiter.pointee.task != nil { tasks -= 1 }
        if unsafe !waiter.pointee.interest.isDisjoint(with: .messages) { messageWaiters -= 1 }
        if unsafe waiter.pointee.interest.contains(.state) { stateWaiters -= 1 }
    }

    /// How many wait for any of this.
    func count(of interest: Interest) -> Int {
        var (count, next) = unsafe (0, first)
        while let waiter = unsafe next {
            unsafe next = waiter.pointee.next
            if unsafe !waiter.pointee.interest.isDisjoint(with: interest) { count += 1 }
        }
        return count
    }

    /// One attempt of a waiter for messages.
    @inline(__always)
    mutating func attempts(_ waiter: WaiterPointer) { unsafe attempting = waiter }

    @inline(__always)
    mutating func endAttempt() { unsafe attempting = nil }

    /// Makes the waiter the leader if it can be one and there is none. False when it has to follow.
    ///
    /// - Throws: `limit` if the eventfd can not be made.
    @inline(__always)
    mutating func lead(_ waiter: WaiterPointer) throws(ZMQSocketError) -> Bool {
        guard unsafe leader == nil, unsafe waiter.pointee.canLead else { return false }
        let number = bell.open()
        guard number == 0 else { throw ZMQSocketError(errno: number, doing: "can not wait") }
        unsafe leader = waiter
        return true
    }

    mutating func endLead(of waiter: WaiterPointer) {
        if unsafe leader == waiter { unsafe leader = nil }
    }

    /// Wakes everyone who waits for any of this.
    @safe
    mutating func wakeAll(_ interest: Interest, except: WaiterPointer? = nil) {
        var next = unsafe first
        while let waiter = unsafe next {
            unsafe next = waiter.pointee.next
            if unsafe waiter != except, unsafe !waiter.pointee.interest.isDisjoint(with: interest) {
                unsafe wake(waiter)
            }
        }
    }

    /// Wakes everyone, also who waits for nothing but the end.
    mutating func wakeEveryone() {
        var next = unsafe first
        while let waiter = unsafe next {
            unsafe next = waiter.pointee.next
            unsafe wake(waiter)
        }
    }

    /// Wakes the first one who waits for this.
    @safe
    mutating func wakeFirst(_ interest: Interest, except: WaiterPointer? = nil) {
        var next = unsafe first
        while let waiter = unsafe next {
            if unsafe waiter != except, unsafe !waiter.pointee.interest.isDisjoint(with: interest) {
                return unsafe wake(waiter)
            }
            unsafe next = waiter.pointee.next
        }
    }

    /// Wakes the one that waits for messages, if there is no other and it is a task. False otherwise.
    mutating func wakeSoleTask() -> Bool {
        guard messageWaiters == 1, tasks > 0 else { return false }
        var next = unsafe first
        while let waiter = unsafe next {
            if unsafe !waiter.pointee.interest.isDisjoint(with: .messages) {
                guard unsafe waiter.pointee.task != nil else { return false }
                unsafe wake(waiter)
                return true
            }
            unsafe next = waiter.pointee.next
        }
        return false
    }

    /// Wakes the first one who can take the lead.
    mutating func wakeNextLeader() {
        // Of ten thousand tasks nobody need be asked.
        guard tasks < count else { return }
        var next = unsafe first
        while let waiter = unsafe next {
            if unsafe waiter.pointee.canLead { return unsafe wake(waiter) }
            unsafe next = waiter.pointee.next
        }
    }

    private mutating func wake(_ waiter: WaiterPointer) {
        if let task = unsafe waiter.pointee.task { return woken.wake(task) }
        unsafe waiter.pointee.word.store(1, ordering: .releasing)
        if unsafe waiter == leader {
            bell.ring()
        } else if unsafe waiter.pointee.bell.isOpen {
            unsafe waiter.pointee.bell.ring()
        } else {
            // The word is the first field, so the waiter's address is the word's.
            unsafe clinux_futex_wake(UnsafeMutableRawPointer(waiter), 1)
        }
    }

    /// Whether tasks have been woken that are to be resumed.
    var hasWoken: Bool { !woken.isEmpty }

    /// Those tasks, for whoever releases the lock.
    mutating func takeWoken() -> ParkedTask.List { woken.takeAll() }

    /// What the leader polls beside libzmq's descriptor.
    var wakeUp: Int32 { bell.descriptor }

    /// For the leader, when it was rung for.
    func silence() { bell.silence() }

    /// Gives the descriptor back, once nobody waits any more.
    mutating func close() { bell.close() }
}

/// How a sleep ended.
enum Wakening {
    /// By another thread, or by the deadline.
    case woken
    /// By libzmq's descriptor.
    case signaled
    case interrupted
}

extension WaitQueue {
    /// Sleeps as the leader: until libzmq has something, a wake-up, a signal, or the deadline. Without the lock.
    @inline(__always)
    static func sleepAsLeader(descriptor: Int32, wakeUp: Int32, until deadline: Deadline) -> (Wakening, drain: Bool) {
        let ready = clinux_poll_two(descriptor, wakeUp, deadline.remaining(at: .now()))
        if ready < 0 { return (errno == EINTR ? .interrupted : .woken, drain: false) }
        return (ready & 1 != 0 ? .signaled : .woken, drain: ready & 2 != 0)
    }

    /// Sleeps as a follower: until somebody wakes it, a signal, or the deadline. Without the lock.
    static func sleepAsFollower(_ waiter: WaiterPointer, until deadline: Deadline) -> Wakening {
        let number = unsafe clinux_futex_wait(UnsafeMutableRawPointer(waiter), 0, deadline.instant.nanoseconds)
        return number == EINTR ? .interrupted : .woken
    }
}
