// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    /// What ``wait(for:until:isDrained:_:)`` is for a thread, for the current task: the lock is held at entry, at exit
    /// and in every `attempt`, and released while the task is parked. No thread waits meanwhile but the supervisor.
    ///
    /// The task stays in the queue until it has looked itself, so whoever wakes it owes it nothing more.
    nonisolated(nonsending) func park(
        for interest: Interest,
        until deadline: Deadline,
        isDrained: Bool,
        _ attempt: () -> Code?
    ) async -> Code {
        let wantsMessages = !interest.isDisjoint(with: .messages)
        let cancelsAtStart = slot.front.cancels
        if let code = lookOnce(for: interest, until: deadline, isDrained: isDrained, attempt) { return code }
        if wantsMessages {
            do throws(ZMQSocketError) {
                try watchCommands(permanently: true)
            } catch {
                return error.code
            }
        }
        let task = ParkedTask()
        let waiter = WaiterPointer.allocate(capacity: 1)
        unsafe waiter.initialize(to: Waiter(interest: interest, task: task))
        unsafe waiters.append(waiter)
        let alarm =
            deadline == .never ? nil : context.supervisor.schedule(at: deadline.instant) { task.wakeNow() }
        defer {
            if let alarm { context.supervisor.cancel(alarm) }
            unsafe leave(waiter)
            unsafe waiter.deinitialize(count: 1)
            unsafe waiter.deallocate()
        }
        while true {
            guard !context.hasEndedWaits else { return .canceled }
            if wantsMessages, let code = unsafe lookBeforeSleep(as: waiter, attempt) { return code }
            unlock()
            await task.sleep()
            slot.lock()
            task.rearm()
            if isClosed { return .closed }
            if slot.front.cancels != cancelsAtStart || task.isCanceled {
                // It may have been woken to work through commands, by the supervisor, which has not.
                if wantsMessages { pump() }
                return .canceled
            }
            let events = wantsMessages && !(isDrained && waiters.messageWaiters == 1) ? readEvents() : []
            if let code = unsafe make(attempt, as: waiter) { return code }
            // As in a thread's wait: who was woken does not pass on what it can not use itself.
            if !events.isEmpty { unsafe wakeSatisfied(events.subtracting(interest.ofTransport), except: waiter) }
            guard !deadline.hasPassed(at: .now()) else { return .timeout }
        }
    }
}
