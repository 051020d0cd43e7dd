// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC
import Synchronization

/// Memory of Python's objects that libzmq sends from, and how it comes back.
///
/// libzmq is done with it on a thread of its own, which must not wait for the interpreter's lock: whoever has that may
/// wait for libzmq. So what is over goes into a chain without locks, and is given back by whoever has the interpreter's
/// lock next: a send, a close, or a call that Python's main thread is asked for when the chain begins.
enum PythonLoans {
    @safe
    private struct Loan {
        var next: UInt
        /// In which process it was lent, counted in forks.
        let generation: UInt32
        var buffer: PythonBuffer
    }

    private typealias LoanPointer = UnsafeMutablePointer<Loan>

    /// Shorter ones are copied, which takes no longer.
    static let shortSize = 4096
    /// A `bytes`, which can not change, is lent from this size on, whether or not somebody asks for that.
    static let largeSize = 64 << 10

    /// The last loan that is over; each leads to the one before.
    private static let chain = Atomic<UInt>(0)
    private static let isCallComing = Atomic<Bool>(false)
    private static let generation = Atomic<UInt32>(0)
    private static let outstanding = Atomic<Int>(0)

    /// How many threads are calling into the interpreter without its lock; with `isOver` it may not be called any more.
    private static let callers = Atomic<UInt32>(0)
    private static let isOver: UInt32 = 1 << 31

    // MARK: Lending

    /// The parts of a message, from a tuple of objects; nil with an exception where one can not be lent. The tuple has
    /// to stay until the message is made.
    ///
    /// - Parameter shortest: `bytes` that have less are copied.
    static func parts(
        ofTuple objects: PythonObject?,
        count: Int,
        shortest: Int,
        _ python: PythonInterface
    ) -> [OutgoingPart]? {
        var parts: [OutgoingPart] = []
        parts.reserveCapacity(count)
        for index in 0..<count {
            guard let part = unsafe part(of: python.item(index, ofTuple: objects), shortest: shortest, python) else {
                // What was lent comes back with the message that it makes.
                if !parts.isEmpty { _ = SharedParts.lending(parts) }
                takeBack()
                return nil
            }
            parts.append(part)
        }
        return parts
    }

    /// One part; nil with an exception.
    private static func part(of object: PythonObject?, shortest: Int, _ python: PythonInterface) -> OutgoingPart? {
        if let bytes = unsafe python.bytes(of: object), bytes.count < max(shortest, shortSize) {
            return unsafe OutgoingPart(copying: bytes)
        }
        guard let buffers = PythonBuffers.ofProcess else { return nil }
        guard let block = unsafe malloc(MemoryLayout<Loan>.size) else {
            buffers.refuse("there is no memory to lend it")
            return nil
        }
        let loan = unsafe block.bindMemory(to: Loan.self, capacity: 1)
        unsafe loan.initialize(
            to: Loan(next: 0, generation: generation.load(ordering: .relaxed), buffer: PythonBuffer())
        )
        guard unsafe buffers.take(object, into: &loan.pointee.buffer) else {
            unsafe free(block)
            return nil
        }
        outstanding.add(1, ordering: .relaxed)
        let bytes = unsafe UnsafeRawBufferPointer(start: loan.pointee.buffer.start, count: loan.pointee.buffer.count)
        return unsafe OutgoingPart(lending: bytes, user: block, release: end)
    }

    /// Lends a `bytes` to a send that does not wait. Nil with an exception.
    static func trySend(
        _ object: PythonObject?,
        to handle: SocketHandle,
        _ python: PythonInterface
    ) -> ZMQSocketError.Code? {
        guard let part = unsafe part(of: object, shortest: largeSize, python) else { return nil }
        let code = SharedParts.lending([part]).map { handle.send($0, timeout: 0, isTry: true) } ?? .noMemory
        takeBack()
        return code
    }

    // MARK: The end of a loan

    /// On any thread, with the interpreter's lock or without it.
    private static let end: OutgoingPart.Release = { _, block in
        guard let block = unsafe block else { return }
        let loan = unsafe block.assumingMemoryBound(to: Loan.self)
        // A child's copy of its parent's loan stays: nobody may have the lock that its objects were in the midst of.
        // So does what is lent beyond the end of the interpreter.
        guard unsafe loan.pointee.generation == generation.load(ordering: .relaxed),
            callers.load(ordering: .acquiring) & isOver == 0
        else { return }
        var before = chain.load(ordering: .relaxed)
        while true {
            unsafe loan.pointee.next = before
            let (isDone, found) = chain.weakCompareExchange(
                expected: before,
                desired: UInt(bitPattern: block),
                ordering: .releasing
            )
            if isDone { break }
            before = found
        }
        askForCall()
    }

    private static func askForCall() {
        guard let buffers = PythonBuffers.ofProcess,
            !isCallComing.exchange(true, ordering: .sequentiallyConsistent)
        else { return }
        // Once it is over nobody goes in, and whoever ends it waits for those that are in.
        let (before, _) = callers.add(1, ordering: .sequentiallyConsistent)
        if before & isOver == 0, unsafe !buffers.callSoon(pending) {
            isCallComing.store(false, ordering: .sequentiallyConsistent)
        }
        callers.subtract(1, ordering: .sequentiallyConsistent)
    }

    private static let pending: PythonBuffers.Pending = { _ in
        isCallComing.store(false, ordering: .sequentiallyConsistent)
        takeBack()
        return 0
    }

    /// Gives back what is over; with the interpreter's lock. Objects may end here, and with them do anything.
    @inline(__always)
    static func takeBack() {
        if chain.load(ordering: .relaxed) != 0 { takeBackAll() }
    }

    private static func takeBackAll() {
        guard let buffers = PythonBuffers.ofProcess else { return }
        var next = chain.exchange(0, ordering: .acquiring)
        while let loan = unsafe LoanPointer(bitPattern: next) {
            next = unsafe loan.pointee.next
            unsafe buffers.giveBack(&loan.pointee.buffer)
            unsafe free(loan)
            outstanding.subtract(1, ordering: .relaxed)
        }
    }

    // MARK: The end of the interpreter, forks

    /// loans(what: int) -> how many objects are lent now. 1: the interpreter ends, and is not touched any more.
    /// 2: this is the child of a fork, which never gives back what its parent has lent.
    static let manage: PythonFunction.OneArgument = { _, what in
        guard let python = PythonInterface.ofProcess else { return nil }
        switch unsafe python.count(what) {
        case 1:
            callers.bitwiseOr(isOver, ordering: .sequentiallyConsistent)
            // They are in there for a lock that is never held for long. Whoever is stopped in it is not waited for.
            for _ in 0..<100_000 where callers.load(ordering: .sequentiallyConsistent) != isOver { sched_yield() }
        case 2:
            generation.add(1, ordering: .relaxed)
            chain.store(0, ordering: .relaxed)
            isCallComing.store(false, ordering: .relaxed)
            outstanding.store(0, ordering: .relaxed)
            callers.store(callers.load(ordering: .relaxed) & isOver, ordering: .relaxed)
        default: break
        }
        takeBack()
        return python.int(outstanding.load(ordering: .relaxed))
    }
}
