// SPDX-License-Identifier: Apache-2.0

import LibC

/// One thing to wait for together with others: a socket, or a descriptor that is none of ours.
package struct PollItem: Sendable {
    package enum Subject: Sendable {
        case socket(SocketHandle)
        case descriptor(Int32)
        /// A place that is not used.
        case nothing
    }

    package let subject: Subject
    package let interest: Interest
    /// What it can do now.
    package var ready: Interest = []

    package init(_ subject: Subject, interest: Interest) {
        self.subject = subject
        self.interest = interest
    }
}

/// Waiting for whichever of several sockets and descriptors is ready first.
///
/// The thread joins the wait queue of every socket with one bell for all of them, and polls libzmq's descriptors and
/// the bell together. It takes nothing, so what it sees goes on to those who wait to receive.
package struct Polling: ~Copyable {
    /// A socket that is taking part, with the waiter in its queue.
    @safe
    private struct Participant {
        let index: Int
        let core: SocketCore
        let waiter: WaiterPointer
        let cancelsAtStart: UInt32
    }

    private var participants: [Participant] = []
    private var bell = Bell()
    private let canceler = Canceler.current
    /// The items that are descriptors.
    private var named = PollSet()
    /// What ends a sleep: the bell, libzmq's descriptors, those of the items that something is asked of.
    private var watched = PollSet()

    private init(_ items: [PollItem]) {
        for item in items {
            guard case .descriptor(let number) = item.subject else { continue }
            named.insert(number, item.interest.pollEvents)
        }
    }

    /// Waits until at least one item is ready.
    ///
    /// - Parameter items: `ready` is set for every item.
    /// - Returns: `ok` with at least one ready; `timeout`; `canceled` or `closed` when that happens to any of the
    ///   sockets; `interrupted` if one of them is interruptible; `invalid` for a descriptor that is not open; `limit`.
    package static func wait(for items: inout [PollItem], timeout: Int32) -> ZMQSocketError.Code {
        guard timeout >= -1 else { return .invalid }
        guard !HeldLocks.isAny else { return .state }
        let deadline = Deadline(milliseconds: timeout < 0 ? usualTimeout : timeout, after: .now())
        var polling = Polling(items)
        defer { polling.end() }
        // Often something is ready at once, and nobody has to be told of the wait.
        if let code = polling.look(at: &items) { return code }
        guard !deadline.hasPassed(at: .now()) else { return .timeout }
        if let code = polling.join(items) { return code }
        var looks = polling.asksAfterSignals ? SignalLooks(from: .now()) : nil
        while true {
            if let code = polling.look(at: &items) { return code }
            guard !deadline.hasPassed(at: .now()) else { return .timeout }
            if let code = polling.sleep(until: looks?.end(before: deadline) ?? deadline) { return code }
            if looks?.isDue(at: .now()) == true, !SignalHook.goesOn() { return .interrupted }
        }
    }

    // MARK: Joining and leaving

    private mutating func join(_ items: [PollItem]) -> ZMQSocketError.Code? {
        let number = bell.open()
        guard number == 0 else { return ZMQSocketError.Code(errno: number) }
        watched.insert(bell.descriptor, Int16(POLLIN))
        for (index, item) in items.enumerated() {
            guard case .socket(let handle) = item.subject else {
                watch(item)
                continue
            }
            do throws(ZMQSocketError) {
                try handle.withCore { core in
                    _ = canceler?.begin(core)
                    let waiter = WaiterPointer.allocate(capacity: 1)
                    unsafe waiter.initialize(to: Waiter(interest: item.interest, bell: bell))
                    unsafe core.waiters.append(waiter)
                    unsafe participants.append(
                        Participant(index: index, core: core, waiter: waiter, cancelsAtStart: core.slot.front.cancels)
                    )
                    if !item.interest.isDisjoint(with: .messages) {
                        watched.insert(core.commands.descriptor, Int16(POLLIN))
                    }
                }
            } catch {
                return error.code
            }
        }
        return nil
    }

    private mutating func watch(_ item: PollItem) {
        // poll(2) ends for an error or an end, asked for or not.
        guard case .descriptor(let number) = item.subject, !item.interest.isEmpty else { return }
        watched.insert(number, item.interest.pollEvents)
    }

    private mutating func end() {
        for participant in participants {
            participant.core.underLock { unsafe participant.core.leave(participant.waiter) }
            canceler?.end(participant.core)
            unsafe participant.waiter.deinitialize(count: 1)
            unsafe participant.waiter.deallocate()
        }
        participants = []
        bell.close()
    }

    // MARK: Looking

    /// Sets `ready` of every item; nil if none is.
    private mutating func look(at items: inout [PollItem]) -> ZMQSocketError.Code? {
        var isAnyReady = false
        for index in items.indices {
            items[index].ready = []
            guard participants.isEmpty, case .socket(let handle) = items[index].subject else { continue }
            do throws(ZMQSocketError) {
                items[index].ready = try handle.withCore { unsafe $0.ready(for: items[index].interest, as: nil) }
            } catch {
                return error.code
            }
            isAnyReady = isAnyReady || !items[index].ready.isEmpty
        }
        if canceler?.isCanceled == true, !participants.isEmpty { return .canceled }
        for participant in participants {
            var failure: ZMQSocketError.Code?
            let core = participant.core
            core.underLock {
                if core.isClosed {
                    failure = .closed
                } else if core.slot.front.cancels != participant.cancelsAtStart || core.context.hasEndedWaits {
                    failure = .canceled
                } else {
                    let interest = items[participant.index].interest
                    items[participant.index].ready = unsafe core.ready(for: interest, as: participant.waiter)
                }
            }
            if let failure { return failure }
            isAnyReady = isAnyReady || !items[participant.index].ready.isEmpty
        }
        switch lookAtDescriptors(of: &items) {
        case .ok: return .ok
        case .timeout: return isAnyReady ? .ok : nil
        case let failure: return failure
        }
    }

    /// The same for the items that are descriptors: `ok` if one is ready, `timeout` if none is.
    private mutating func lookAtDescriptors(of items: inout [PollItem]) -> ZMQSocketError.Code {
        guard !named.isEmpty else { return .timeout }
        var number: Int32
        repeat { number = named.poll(for: 0) } while number == EINTR
        guard number == 0 else { return ZMQSocketError.Code(errno: number) }
        var isAnyReady = false
        for index in items.indices {
            guard case .descriptor(let descriptor) = items[index].subject else { continue }
            let found = named.found(descriptor)
            guard found & Int16(POLLNVAL) == 0 else { return .invalid }
            items[index].ready = Interest(pollEvents: found, asked: items[index].interest)
            isAnyReady = isAnyReady || !items[index].ready.isEmpty
        }
        return isAnyReady ? .ok : .timeout
    }

    // MARK: Sleeping

    /// Nil once there may be something new.
    private mutating func sleep(until deadline: Deadline) -> ZMQSocketError.Code? {
        let number = watched.poll(for: deadline.remaining(at: .now()))
        if number != 0 {
            guard number == EINTR else { return ZMQSocketError.Code(errno: number) }
            guard participants.contains(where: { $0.core.options.interruptible }) else { return nil }
            return asksAfterSignals && SignalHook.goesOn() ? nil : .interrupted
        }
        bell.silence()
        return nil
    }

    /// Whether signals are noted by somebody who is to be asked.
    private var asksAfterSignals: Bool {
        let interruptible = participants.filter { $0.core.options.interruptible }
        return !interruptible.isEmpty && interruptible.allSatisfy { $0.core.options.asksAfterSignals }
    }
}

extension Interest {
    fileprivate var pollEvents: Int16 {
        Int16((contains(.readable) ? POLLIN : 0) | (contains(.writable) ? POLLOUT : 0))
    }

    /// An error or an end makes a descriptor ready for whatever was asked: the next read or write tells.
    fileprivate init(pollEvents: Int16, asked: Interest) {
        self = []
        let ended = Int16(POLLERR | POLLHUP)
        if pollEvents & (Int16(POLLIN) | ended) != 0 { insert(.readable) }
        if pollEvents & (Int16(POLLOUT) | ended) != 0 { insert(.writable) }
        formIntersection(asked)
    }
}
