// SPDX-License-Identifier: Apache-2.0

import Synchronization

extension SocketCore {
    /// Repeats `attempt` whenever there may be something new, until it answers or the wait ends otherwise.
    ///
    /// The one wait loop of the library. The lock is held at entry, at exit and in every `attempt`, and released while
    /// the thread sleeps.
    ///
    /// - Parameters:
    ///   - isDrained: the caller has made an attempt, and an attempt that fails has worked through libzmq's commands:
    ///     that is so for a receive. As long as nobody else waits for messages, looking at the state as well is no use.
    ///   - attempt: nil for "not yet".
    /// - Returns: what `attempt` answered, or `timeout`, `canceled`, `closed`, `interrupted`; `limit` when the process
    ///   has no descriptor left to wait with.
    func wait(
        for interest: Interest,
        until deadline: Deadline,
        isDrained: Bool = false,
        _ attempt: () -> Code?
    ) -> Code {
        let cancelsAtStart = slot.front.cancels
        if let code = lookOnce(for: interest, until: deadline, isDrained: isDrained, attempt) { return code }

        let canceler = Canceler.current
        defer { canceler?.end(self) }
        guard canceler?.begin(self) ?? true else { return .canceled }
        return Waiter.with(interest: interest, otherwise: .noMemory) { waiter in
            unsafe wait(as: waiter, until: deadline, isDrained: isDrained, cancelsAtStart, canceler, attempt)
        }
    }

    /// What every wait begins with: one attempt, where it may find something new.
    ///
    /// - Returns: how the wait has ended already; nil if there is one.
    @inline(__always)
    func lookOnce(
        for interest: Interest,
        until deadline: Deadline,
        isDrained: Bool,
        _ attempt: () -> Code?
    ) -> Code? {
        if !isDrained || waiters.messageWaiters > 0 {
            let events = interest.isDisjoint(with: .messages) ? [] : readEvents()
            let code = attempt()
            unsafe wakeSatisfied(events)
            if let code { return code }
        }
        return deadline.hasPassed(at: .now()) ? .timeout : nil
    }

    /// The wait itself, once there is nothing to do at once.
    @inline(__always)
    private func wait(
        as waiter: WaiterPointer,
        until deadline: Deadline,
        isDrained: Bool,
        _ cancelsAtStart: UInt32,
        _ canceler: Canceler?,
        _ attempt: () -> Code?
    ) -> Code {
        let interest = unsafe waiter.pointee.interest
        let wantsMessages = !interest.isDisjoint(with: .messages)
        unsafe waiters.append(waiter)
        defer { unsafe leave(waiter) }
        var looks = options.asksAfterSignals ? SignalLooks(from: .now()) : nil
        while true {
            guard !context.hasEndedWaits else { return .canceled }
            if wantsMessages, let code = unsafe lookBeforeSleep(as: waiter, attempt) { return code }
            // The lock has not been released since the last look.
            let wakening: Wakening
            do throws(ZMQSocketError) {
                wakening = try unsafe sleep(waiter, until: looks?.end(before: deadline) ?? deadline)
            } catch {
                return error.code
            }
            let isSignal = wakening == .interrupted && options.interruptible || looks?.isDue(at: .now()) == true
            if isSignal, !isClosed {
                lookForOthers()
                if unsafe !goesOn(waiter) { return .interrupted }
            }
            unsafe waiter.pointee.word.store(0, ordering: .relaxed)
            if isClosed { return .closed }
            if slot.front.cancels != cancelsAtStart || canceler?.isCanceled == true {
                lookForOthers()
                return .canceled
            }
            let events = wantsMessages && !(isDrained && waiters.messageWaiters == 1) ? readEvents() : []
            if let code = unsafe make(attempt, as: waiter) { return code }
            // Who was woken by another thread does not pass that on, or two that can not go on would wake each other.
            // But a signal that came since is used up now: what it says to those with another interest goes on to them.
            if !events.isEmpty {
                unsafe wakeSatisfied(
                    wakening == .signaled ? events : events.subtracting(interest.ofTransport),
                    except: waiter
                )
            }
            guard !deadline.hasPassed(at: .now()) else { return .timeout }
        }
    }

    /// A wait does something else than looking: what the supervisor has left to a publisher's leader is done first.
    private func lookForOthers() { if kind == .pub { pump() } }

    /// The last look before a sleep, where somebody else is to be told: the attempt before it may have worked through
    /// commands, which uses libzmq's signal up. What this one finds for the waiter itself is tried at once.
    @inline(__always)
    func lookBeforeSleep(as waiter: WaiterPointer, _ attempt: () -> Code?) -> Code? {
        guard waiters.messageWaiters > 1 || isWatched else { return nil }
        let (events, own) = unsafe (readEvents(), waiter.pointee.interest.ofTransport)
        if !events.isDisjoint(with: own), let code = unsafe make(attempt, as: waiter) { return code }
        unsafe wakeSatisfied(events.subtracting(own), except: waiter)
        return nil
    }

    /// Makes an attempt for somebody who is in the queue.
    @inline(__always)
    func make(_ attempt: () -> Code?, as waiter: WaiterPointer) -> Code? {
        guard unsafe !waiter.pointee.interest.isDisjoint(with: .messages) else { return attempt() }
        unsafe waiters.attempts(waiter)
        defer { waiters.endAttempt() }
        return attempt()
    }

    /// Whether a wait goes on after a signal. Whoever is asked may take long, and others must not wait for this thread
    /// meanwhile: it leaves the queue but for a place that keeps the slot.
    private func goesOn(_ waiter: WaiterPointer) -> Bool {
        guard options.asksAfterSignals else { return false }
        return Waiter.with(interest: [], otherwise: false) { place in
            unsafe waiters.append(place)
            unsafe leave(waiter)
            unlock()
            let goesOn = SignalHook.goesOn()
            slot.lock()
            unsafe waiters.append(waiter)
            unsafe waiters.remove(place)
            return goesOn
        }
    }

    /// Sleeps without the lock, as the leader if there is none and the waiter can be one.
    private func sleep(_ waiter: WaiterPointer, until deadline: Deadline) throws(ZMQSocketError) -> Wakening {
        let isLeader = try unsafe waiters.lead(waiter)
        // Without the lock nothing of the socket may be looked at.
        let (wakeUp, descriptor) = (waiters.wakeUp, commands.descriptor)
        unlock()
        guard isLeader else {
            let wakening = unsafe WaitQueue.sleepAsFollower(waiter, until: deadline)
            slot.lock()
            return wakening
        }
        let (wakening, drain) = WaitQueue.sleepAsLeader(descriptor: descriptor, wakeUp: wakeUp, until: deadline)
        slot.lock()
        if drain { waiters.silence() }
        unsafe waiters.endLead(of: waiter)
        return wakening
    }

    /// Takes the waiter out, and sees to it that those who stay miss nothing.
    func leave(_ waiter: WaiterPointer) {
        unsafe waiters.remove(waiter)
        if isClosed {
            return leaveSlot()
        }
        // It may have been woken for its turn and not taken it, or given it back while it stood in front of the others.
        if unsafe waiter.pointee.interest.contains(.turn) { passTurnOn() }
        guard waiters.messageWaiters > 0 else { return }
        if unsafe waiters.leader == nil { waiters.wakeNextLeader() }
        pump()
    }
}
