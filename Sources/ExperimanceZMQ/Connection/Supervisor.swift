// SPDX-License-Identifier: Apache-2.0

package import CLinux
import HeapModule
import LibC
import Synchronization

/// A thread that waits for what is not a caller's business. A context has one: for monitor events, probes, back-off
/// timers, subscriptions that arrive at a publisher.
///
/// It is started with the first job, sleeps in epoll(7) until a descriptor or a timer calls, and never wakes by
/// itself. Handlers run on it one after the other and must not wait; they take a socket's lock for a few instructions.
/// Everything else here may be called from any thread, with a socket's lock held: the supervisor's own lock is always
/// the last one taken.
package final class Supervisor: @unchecked Sendable {
    // Unchecked: `state` is behind its lock, the descriptors never change.
    package struct Token: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    fileprivate struct Timer: Comparable {
        let at: MonotonicInstant
        let token: Token

        static func < (left: Timer, right: Timer) -> Bool {
            (left.at, left.token.number) < (right.at, right.token.number)
        }
    }

    fileprivate struct State {
        var lastToken: UInt64 = 0
        var watches: [Token: @Sendable () -> Void] = [:]
        var timers: Heap<Timer> = []
        var alarms: [Token: @Sendable () -> Void] = [:]
        var jobs: [@Sendable () -> Void] = []
        /// What the thread will wake for by itself; nil while it runs or sleeps without a limit.
        var sleepsUntil: MonotonicInstant?
        var isRunning = false
        var isStopping = false
        /// The thread has ended, and with it every use of what is left here.
        var isOver = false

        mutating func newToken() -> Token {
            lastToken += 1
            return Token(number: lastToken)
        }
    }

    /// Each write to the descriptor is an edge, to everybody who watches it, whether or not it has been read since.
    package static let eachWrite = EPOLL_EVENTS(rawValue: EPOLLIN.rawValue | EPOLLET.rawValue)

    /// For a descriptor that is read and written until it would have to wait: whenever that may have changed.
    package static let eachChange = EPOLL_EVENTS(
        rawValue: EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
    )

    private static let wakeToken = Token(number: 0)

    private let state = Guarded(State())
    private let epoll: Int32
    private let role: String
    private let settings: ThreadSettings
    private let bell: Bell

    /// - Parameters:
    ///   - role: names its thread.
    ///   - settings: how that is to run.
    /// - Throws: `limit` when the process is out of descriptors.
    package init(named role: String = "supervisor", _ settings: ThreadSettings = .usual) throws(ZMQSocketError) {
        self.role = role
        self.settings = settings
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw Self.failedToWatch(errno) }
        var made = Bell()
        var number = made.open()
        var event = unsafe epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: Self.wakeToken.number))
        if number == 0, unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, made.descriptor, &event) != 0 { number = errno }
        guard number == 0 else {
            made.close()
            LibC.close(epoll)
            throw Self.failedToWatch(number)
        }
        bell = made
    }

    deinit {
        LibC.close(epoll)
        var bell = bell
        bell.close()
    }

    private static func failedToWatch(_ number: Int32) -> ZMQSocketError {
        let reason =
            number == ENOSPC
            ? "the user has no epoll watches left (/proc/sys/fs/epoll/max_user_watches)" : describe(errno: number)
        return ZMQSocketError(
            ZMQSocketError.Code(errno: number),
            systemErrno: number,
            message: "can not watch sockets: \(reason)"
        )
    }

    // MARK: For everybody

    /// Calls `handler` on the supervisor's thread whenever the descriptor is ready, until ``unwatch(_:descriptor:)``.
    /// The handler gets the watch's own token: it may run before this returns it.
    package func watch(
        _ descriptor: Int32,
        events: EPOLL_EVENTS = EPOLLIN,
        handler: @escaping @Sendable (Token) -> Void
    ) throws(ZMQSocketError) -> Token {
        try start()
        let token = state.withLock { state in
            let token = state.newToken()
            state.watches[token] = { handler(token) }
            return token
        }
        var event = unsafe epoll_event(events: events.rawValue, data: epoll_data_t(u64: token.number))
        guard unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            let number = errno
            state.withLock { _ = $0.watches.removeValue(forKey: token) }
            throw Self.failedToWatch(number)
        }
        return token
    }

    /// Changes what a watched descriptor is watched for.
    func rewatch(_ token: Token, descriptor: Int32, events: EPOLL_EVENTS) {
        var event = unsafe epoll_event(events: events.rawValue, data: epoll_data_t(u64: token.number))
        _ = unsafe epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
    }

    /// Ends a watch. To be called before the descriptor is closed. The handler may still be running, not start again.
    package func unwatch(_ token: Token, descriptor: Int32) {
        var event = unsafe epoll_event()
        _ = unsafe epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
        state.withLock { _ = $0.watches.removeValue(forKey: token) }
    }

    /// Calls `alarm` once on the supervisor's thread, not before the instant.
    package func schedule(at instant: MonotonicInstant, alarm: @escaping @Sendable () -> Void) -> Token {
        let (token, mustWake) = state.withLock { state in
            let token = state.newToken()
            guard !state.isOver else { return (token, false) }
            state.timers.insert(Timer(at: instant, token: token))
            state.alarms[token] = alarm
            return (token, state.sleepsUntil.map { instant < $0 } ?? true)
        }
        if mustWake { wake() }
        return token
    }

    /// Forgets an alarm that has not gone off.
    package func cancel(_ token: Token) {
        state.withLock { state in
            state.alarms[token] = nil
            // Cancelled timers stay in the heap until their time; do not let them pile up.
            if state.timers.count > 64, state.timers.count > 4 * state.alarms.count {
                let alarms = state.alarms
                state.timers = Heap(state.timers.unordered.filter { alarms[$0.token] != nil })
            }
        }
    }

    /// Runs `job` on the supervisor's thread, soon.
    package func perform(_ job: @escaping @Sendable () -> Void) {
        state.withLock { if !$0.isOver { $0.jobs.append(job) } }
        wake()
    }

    /// Ends the thread after the handlers of this round; `last` runs as the very last thing on it.
    package func stop(last: @escaping @Sendable () -> Void) {
        let isRunning = state.withLock { state in
            state.isStopping = true
            state.jobs.append(last)
            return state.isRunning
        }
        if isRunning { return wake() }
        ForkGate.enter()
        run()
        ForkGate.leave()
    }

    /// Waits until the thread, which has been told to stop, is gone; false if the deadline comes first. Not on it.
    package func awaitEnd(until deadline: Deadline) -> Bool { OwnThread.awaitEnd(of: self, until: deadline) }

    /// Starts the thread if it does not run yet.
    package func start() throws(ZMQSocketError) {
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFirst else { return }
        do throws(ZMQSocketError) {
            try OwnThread.start(named: role, of: self, settings) { [self] in run() }
        } catch {
            state.withLock { $0.isRunning = false }
            throw error
        }
    }

    // MARK: The thread

    private func wake() { bell.ring() }

    /// Calls the handlers of the first so many.
    private func call(_ ready: [epoll_event], _ count: Int32) {
        for place in 0..<Int(max(0, count)) {
            let token = unsafe Token(number: ready[place].data.u64)
            if token == Self.wakeToken {
                bell.silence()
            } else if let handler = state.withLock({ $0.watches[token] }) {
                handler()
            }
        }
    }

    private static let mostAtOnce: Int32 = 64
    /// Descriptors that are ready again and again do not keep the alarms for ever.
    private static let mostRounds = 64

    private func run() {
        var ready = unsafe [epoll_event](repeating: epoll_event(), count: Int(Self.mostAtOnce))
        var isStopping = false
        while !isStopping {
            let timeout = state.withLock { $0.prepareSleep(now: .now()) }
            ForkGate.leave()
            var count = unsafe epoll_wait(epoll, &ready, Self.mostAtOnce, timeout)
            ForkGate.enter()
            let now = MonotonicInstant.now()
            unsafe call(ready, count)
            // All that has happened by now comes before the alarms of now: they say that something has not.
            var rounds = 1
            while count == Self.mostAtOnce, rounds < Self.mostRounds {
                rounds += 1
                count = unsafe epoll_wait(epoll, &ready, Self.mostAtOnce, 0)
                unsafe call(ready, count)
            }
            while let alarm = state.withLock({ $0.popDueAlarm(now: now) }) { alarm() }
            let jobs: [@Sendable () -> Void]
            (jobs, isStopping) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isStopping)
            }
            for job in jobs { job() }
        }
        let leftOver = state.withLock { $0.end() }
        // What they refer to refers to the supervisor. Let go without its lock.
        withExtendedLifetime(leftOver) {}
    }
}

extension Supervisor.State {
    /// Gives out everything that will never be called.
    fileprivate mutating func end() -> [[Any]] {
        defer { (watches, alarms, jobs, timers) = ([:], [:], [], []) }
        isOver = true
        return [Array(watches.values), Array(alarms.values), jobs]
    }

    /// Milliseconds to sleep, rounded up so that no timer is early; -1 without a timer.
    fileprivate mutating func prepareSleep(now: MonotonicInstant) -> Int32 {
        sleepsUntil = nil
        guard jobs.isEmpty, !isStopping else { return 0 }
        while let first = timers.min, alarms[first.token] == nil { timers.removeMin() }
        guard let first = timers.min else {
            // Any timer that comes is earlier than never.
            return -1
        }
        sleepsUntil = first.at
        let milliseconds =
            (first.at.nanoseconds(since: now) + nanosecondsPerMillisecond - 1) / nanosecondsPerMillisecond
        return Int32(clamping: milliseconds)
    }

    fileprivate mutating func popDueAlarm(now: MonotonicInstant) -> (@Sendable () -> Void)? {
        while let first = timers.min, first.at <= now {
            timers.removeMin()
            if let alarm = alarms.removeValue(forKey: first.token) { return alarm }
        }
        return nil
    }
}
