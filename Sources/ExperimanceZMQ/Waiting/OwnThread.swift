// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC
import Synchronization

/// Threads of our own, in one place: detached, named, with every signal blocked, so that a host's signal handlers run
/// on the host's threads, and known until the kernel has forgotten them, so that whoever closes can wait for that.
package final class OwnThread: Sendable {
    /// What a thread is given to do. It goes when that is done, while the thread is remembered.
    private final class Task: Sendable {
        let thread: OwnThread
        let name: String
        let settings: ThreadSettings
        let run: @Sendable () -> Void
        let lost: @Sendable () -> Void

        init(
            _ thread: OwnThread,
            named role: String,
            _ settings: ThreadSettings,
            _ run: @escaping @Sendable () -> Void,
            lost: @escaping @Sendable () -> Void
        ) {
            self.thread = thread
            self.name = settings.name(role)
            self.settings = settings
            self.run = run
            self.lost = lost
        }
    }

    private let owner: ObjectIdentifier
    /// The kernel's number; 0 before it runs.
    private let number = Atomic<Int32>(0)
    /// Nothing of the library is left to do on it but its last instructions.
    private let isLeaving = Completion()
    private let leftAt = Atomic<Int64>(0)

    private init(of owner: ObjectIdentifier) {
        self.owner = owner
    }

    /// Those that run, and some that did.
    private static let known: Guarded<[OwnThread]> = {
        ForkGuard.inChild { known.withLock { $0 = [] } }
        let guarded = Guarded<[OwnThread]>([])
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() { _ = known }

    /// - Parameters:
    ///   - role: what its name says behind the prefix; the kernel keeps 15 characters of both.
    ///   - owner: whose end waits for the thread's.
    ///   - settings: how it is to run; it runs all the same where the system refuses that now.
    ///   - stack: its bytes, of which only those count that are used.
    ///   - lost: called instead of the rest of `run` where somebody else's code, called from there, ends the thread.
    ///     That has to be outside of the fork's gate. What the calls until there have held is never given back.
    /// - Throws: `limit` when the system allows no more threads.
    static func start(
        named role: String,
        of owner: AnyObject,
        _ settings: ThreadSettings = .usual,
        stack: Int = 512 << 10,
        _ run: @escaping @Sendable () -> Void,
        lost: @escaping @Sendable () -> Void = {}
    ) throws(ZMQSocketError) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        unsafe pthread_attr_setstacksize(&attributes, stack)

        let new = OwnThread(of: ObjectIdentifier(owner))
        known.withLock { known in
            known.removeAll { $0.isGone }
            known.append(new)
        }
        // The thread takes the reference over; it is our own pointer, handed to pthread_create and nobody else.
        let argument = unsafe Unmanaged.passRetained(Task(new, named: role, settings, run, lost: lost))
        var thread = pthread_t()
        ForkGate.enter()
        let number = HeldSignals.during {
            unsafe pthread_create(
                &thread,
                &attributes,
                { argument in
                    guard let argument = unsafe argument else { return nil }
                    unsafe clinux_run_guarded(
                        { if let argument = unsafe $0 { unsafe OwnThread.live(Unmanaged.fromOpaque(argument)) } },
                        { if let argument = unsafe $0 { unsafe OwnThread.lose(Unmanaged.fromOpaque(argument)) } },
                        argument
                    )
                    let thread = unsafe OwnThread.letGo(Unmanaged.fromOpaque(argument))
                    ForkGate.leave()
                    thread.isLeaving.complete()
                    return nil
                },
                unsafe argument.toOpaque()
            )
        }
        guard number == 0 else {
            unsafe argument.release()
            ForkGate.leave()
            known.withLock { known in known.removeAll { $0 === new } }
            throw ZMQSocketError(
                .limit,
                systemErrno: number,
                message: "can not start a thread: \(describe(errno: number))"
            )
        }
    }

    /// The life of the thread.
    @inline(never)
    private static func live(_ argument: Unmanaged<Task>) {
        let task = unsafe argument.takeUnretainedValue()
        task.thread.number.store(clinux_thread_number(), ordering: .releasing)
        unsafe clinux_name_thread(task.name)
        try? task.settings.apply()
        task.run()
    }

    /// What it was given to do goes.
    @inline(never)
    private static func letGo(_ argument: Unmanaged<Task>) -> OwnThread {
        let task = unsafe argument.takeRetainedValue()
        task.thread.leftAt.store(MonotonicInstant.now().nanoseconds, ordering: .relaxed)
        return task.thread
    }

    /// Its end in the middle of its life.
    @inline(never)
    private static func lose(_ argument: Unmanaged<Task>) {
        ForkGate.enter()
        unsafe argument.takeUnretainedValue().lost()
        let thread = unsafe letGo(argument)
        ForkGate.leave()
        thread.isLeaving.complete()
    }

    // MARK: Its end

    /// Whether the calling thread is one of the library's.
    package static var isCurrent: Bool {
        let number = clinux_thread_number()
        return known.withLock { known in
            known.contains { $0.number.load(ordering: .acquiring) == number && !$0.isLeaving.isDone }
        }
    }

    /// Waits until the threads of the owner are gone; false if the deadline comes first.
    static func awaitEnd(of owner: AnyObject, until deadline: Deadline) -> Bool {
        let threads = known.withLock { known in known.filter { $0.owner == ObjectIdentifier(owner) } }
        return threads.allSatisfy { $0.awaitEnd(until: deadline) }
    }

    /// Waits until all threads of this moment are gone but those of some; false if the deadline comes first.
    ///
    /// - Parameter spared: whose threads are left alone. It is asked after the threads are known, so that it knows the
    ///   owner of each.
    static func awaitEnd(until deadline: Deadline, ofAllBut spared: () -> Set<ObjectIdentifier>) -> Bool {
        let threads = known.withLock { $0 }
        let owners = spared()
        return threads.allSatisfy { owners.contains($0.owner) || $0.awaitEnd(until: deadline) }
    }

    private func awaitEnd(until deadline: Deadline) -> Bool {
        guard isLeaving.wait(until: deadline) else { return false }
        while !isGone {
            guard !deadline.hasPassed(at: .now()) else { return false }
            _ = clinux_pause_ns(Self.glance)
        }
        return true
    }

    /// The kernel has no thread of its number any more. One that has it long after is somebody else's.
    private var isGone: Bool {
        guard isLeaving.isDone else { return false }
        let passed = MonotonicInstant.now().nanoseconds - leftAt.load(ordering: .relaxed)
        return clinux_has_thread(number.load(ordering: .acquiring)) == 0 || passed > Self.longestExit
    }

    /// How long to look away while a thread ends, in nanoseconds: it takes about as long.
    private static let glance: Int64 = 20_000
    private static let longestExit: Int64 = 1_000 * nanosecondsPerMillisecond
}
