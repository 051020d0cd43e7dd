// SPDX-License-Identifier: Apache-2.0

import LibC
import Synchronization

/// A proxy: forwards messages between two sockets, on a thread of its own.
package final class Forwarding: @unchecked Sendable {
    // Unchecked: the lanes and the sides are the thread's alone from its start on, and everything else is behind a lock
    // or never changes.
    private enum Order {
        case forward
        case pause
        case end
    }

    private struct State {
        var order = Order.forward
        /// The thread takes nothing, and has nothing in its hands.
        var isPaused = false
        /// To be told when that is so.
        var pauses: [Completion] = []
        /// The thread has let go of the sockets.
        var isOver = false
        var reason: ZMQSocketError.Code?
    }

    private let state = Guarded(State())
    private let over = Completion()
    private let counters = ForwardingCounters()
    private var bell = Bell()
    private var sides: [ForwardingSide] = []
    private var lanes: [ForwardingLane] = []
    /// What the thread sleeps on: while it forwards, and while it does not.
    private var calls = PollSet()
    private var callsOfOurs = PollSet()
    /// Somebody has rung, or nobody could yet: the sockets have to be asked what has become of them.
    private var wasCalled = true

    // MARK: All of them

    /// Those that have not been told to end.
    private static let running: Guarded<[ObjectIdentifier: Forwarding]> = {
        ForkGuard.inChild {
            // Their threads stayed in the parent.
            running.withLock { inherited in
                for forwarding in inherited.values { _ = unsafe Unmanaged.passRetained(forwarding) }
                inherited = [:]
            }
        }
        let guarded = Guarded<[ObjectIdentifier: Forwarding]>([:])
        ForkGuard.protect(guarded)
        EndsAtShutdown.add(
            EndsAtShutdown(
                end: { for forwarding in guarded.withLock({ Array($0.values) }) { forwarding.end() } },
                owners: { guarded.withLock { Set($0.keys) } }
            )
        )
        return guarded
    }()

    static func prepare() { _ = running }

    // MARK: Its beginning

    /// Starts to forward between two sockets, which stay the caller's.
    ///
    /// - Parameter capture: gets a copy of each message that was forwarded, as long as it has room.
    /// - Throws: `closed`, `handle`, `forked` naming the socket; `invalid` for the same socket twice; `notSupported`
    ///   for types that do not fit; `state` where somebody else is busy with one; `limit` out of descriptors or
    ///   threads; `noMemory`.
    package init(front: SocketHandle, back: SocketHandle, capture: SocketHandle?) throws(ZMQSocketError) {
        let kinds = (try Self.kind(of: front, "front"), try Self.kind(of: back, "back"))
        guard front != back, front != capture, back != capture else {
            throw ZMQSocketError(.invalid, message: "the same socket is given twice")
        }
        try ForwardingPlan.check(front: kinds.0, back: kinds.1)
        if let capture { try ForwardingPlan.check(capture: Self.kind(of: capture, "capture")) }
        let number = bell.open()
        guard number == 0 else { throw ZMQSocketError(errno: number, doing: "can not wait") }
        do throws(ZMQSocketError) {
            for (handle, name) in [(front, "front"), (back, "back"), (capture, "capture")] {
                if let handle { sides.append(try ForwardingSide(handle, name: name, bell: bell)) }
            }
            try makeLanes()
            watch()
            Self.running.withLock { $0[ObjectIdentifier(self)] = self }
            try OwnThread.start(named: "proxy", of: self, sides[0].core.context.threads, stack: Self.stack) { [self] in
                run()
            }
        } catch {
            letGo()
            throw error
        }
    }

    private static func kind(of handle: SocketHandle, _ name: String) throws(ZMQSocketError) -> ZMQSocketType {
        do throws(ZMQSocketError) {
            return try handle.withCore { $0.kind }
        } catch {
            throw ZMQSocketError(error.code, message: "the \(name) socket: \(error.message)")
        }
    }

    private func makeLanes() throws(ZMQSocketError) {
        let (front, back, capture) = (sides[0], sides[1], sides.count > 2 ? sides[2] : nil)
        if front.core.kind.canReceive, back.core.kind.canSend {
            lanes.append(try .make(from: front, to: back, copiedTo: capture, counters, counters.toBack))
        }
        if back.core.kind.canReceive, front.core.kind.canSend {
            lanes.append(try .make(from: back, to: front, copiedTo: capture, counters, counters.toFront))
        }
    }

    private func watch() {
        callsOfOurs.insert(bell.descriptor, Int16(POLLIN))
        calls = callsOfOurs
        for side in sides.prefix(2) { calls.insert(side.core.commands.descriptor, Int16(POLLIN)) }
    }

    // MARK: From any thread

    /// Takes no more messages until ``resume()``. What was taken and could not be passed on goes back to where it has
    /// come from.
    ///
    /// - Throws: `timeout` if the thread has not heard of it by then, which it will; `state` if the forwarding has
    ///   ended.
    package func pause(until deadline: Deadline) throws(ZMQSocketError) {
        guard try beginPause().wait(until: deadline) else { throw ZMQSocketError(.timeout) }
    }

    /// The same for the current task; where that is cancelled, with `canceled`, the pause comes all the same.
    nonisolated(nonsending) func pauseInTask(until deadline: Deadline) async throws(ZMQSocketError) {
        guard try await beginPause().waitInTask(until: deadline) else {
            throw ZMQSocketError(Task.isCancelled ? .canceled : .timeout)
        }
    }

    private func beginPause() throws(ZMQSocketError) -> Completion {
        let done = Completion()
        try give(.pause) { state in
            if state.isPaused { done.complete() } else { state.pauses.append(done) }
        }
        return done
    }

    package func resume() throws(ZMQSocketError) {
        try give(.forward) { state in
            state.isPaused = false
            for pause in state.pauses { pause.complete() }
            state.pauses = []
        }
    }

    private func give(_ order: Order, _ body: (inout State) -> Void) throws(ZMQSocketError) {
        try state.withLock { state throws(ZMQSocketError) in
            guard !state.isOver, state.order != .end else {
                throw ZMQSocketError(.state, message: "the forwarding has ended")
            }
            state.order = order
            body(&state)
            bell.ring()
        }
    }

    package var statistics: ForwardingStatistics {
        var statistics = ForwardingStatistics()
        state.withLock { state in
            statistics.state = state.isOver ? .ended : state.isPaused ? .paused : .forwarding
            statistics.reason = state.reason
        }
        counters.fill(&statistics)
        return statistics
    }

    /// Ends the forwarding, without a wait for it.
    package func end() {
        _ = Self.running.withLock { $0.removeValue(forKey: ObjectIdentifier(self)) }
        state.withLock { state in
            state.order = .end
            if !state.isOver { bell.ring() }
        }
    }

    /// Ends the forwarding, and waits until the thread has let go of the sockets and is gone.
    ///
    /// - Returns: false if that takes longer.
    package func close(until deadline: Deadline, goesOn: (() -> Bool)? = nil) -> Bool {
        end()
        return over.wait(until: deadline, goesOn: goesOn) && OwnThread.awaitEnd(of: self, until: deadline)
    }

    /// The same for the current task.
    nonisolated(nonsending) func closeInTask(until deadline: Deadline) async -> Bool {
        end()
        return await over.waitInTask(until: deadline)
    }

    package var hasEnded: Bool { over.isDone }

    // MARK: The thread

    private func run() {
        var reason: ZMQSocketError.Code?
        do throws(ZMQSocketError) {
            while let order = nextOrder() {
                guard !sides.contains(where: { $0.core.context.hasEndedWaits }) else { throw ZMQSocketError(.canceled) }
                if order == .pause { try standStill() } else { try forward() }
            }
        } catch {
            reason = error.code
        }
        for lane in lanes { lane.giveBack() }
        counters.set(waiting: 0)
        letGo(reason)
    }

    /// Nil once it is to end.
    private func nextOrder() -> Order? {
        state.withLock { $0.order == .end ? nil : $0.order }
    }

    /// Forwards until there is nothing to do, or so much that others have their turn.
    private func forward() throws(ZMQSocketError) {
        if wasCalled {
            for side in sides.prefix(2) { try side.wait(for: [.readable, .writable]) }
            // A copy is never waited for.
            for side in sides.dropFirst(2) { try side.wait(for: []) }
            wasCalled = false
        }
        var isBusy = false
        for lane in lanes where try lane.advance() { isBusy = true }
        let waiting = lanes.reduce(0) { $0 + $1.waiting }
        counters.set(waiting: waiting)
        if !isBusy { isBusy = try canGoOn() }
        guard isBusy else { return sleep(&calls, for: waiting > 0 ? Self.shortSleep : Self.longSleep) }
        // A fork may come in here.
        ForkGate.leave()
        ForkGate.enter()
    }

    /// Whether there is something to do after all, when no lane has found anything.
    ///
    /// What one lane does with a socket uses up libzmq's signal, also for what has come for the other lane since that
    /// one has looked. So both sockets are looked at once more, and nothing is done with them before the sleep.
    private func canGoOn() throws(ZMQSocketError) -> Bool {
        for side in sides.prefix(2) { _ = try side.attempt { core in side.look(core) } }
        return lanes.contains { $0.canTake }
    }

    /// Takes nothing, and keeps nothing from others who wait.
    private func standStill() throws(ZMQSocketError) {
        for lane in lanes { lane.giveBack() }
        counters.set(waiting: 0)
        for side in sides { try side.wait(for: []) }
        let told = state.withLock { state in
            guard state.order == .pause else { return [Completion]() }
            state.isPaused = true
            defer { state.pauses = [] }
            return state.pauses
        }
        for pause in told { pause.complete() }
        sleep(&callsOfOurs, for: Self.longSleep)
    }

    /// Sleeps until the bell rings, or libzmq has something on one of the descriptors.
    private func sleep(_ calls: inout PollSet, for time: Int64) {
        ForkGate.leave()
        let number = calls.poll(for: time)
        ForkGate.enter()
        wasCalled = number != 0 || calls.found(bell.descriptor) != 0
        if wasCalled { bell.silence() }
    }

    /// libzmq takes a subscription out of an XSUB by recursion: about 80 bytes of stack for each byte of its topic,
    /// 5 MiB for the longest. Another build of libzmq may need more.
    private static let stack = 16 << 20

    /// In nanoseconds; nothing is missed when it ends.
    private static let longSleep: Int64 = 3_600_000 * nanosecondsPerMillisecond
    /// With messages in the hands. Nobody tells that there is memory for one; and whether there is room can only be
    /// tried: a ROUTER and an XPUB can be sent to as long as one peer can, so it would not be seen that the other lane
    /// has used up the signal.
    private static let shortSleep: Int64 = 10 * nanosecondsPerMillisecond

    private func letGo(_ reason: ZMQSocketError.Code? = nil) {
        for side in sides { side.leave() }
        _ = Self.running.withLock { $0.removeValue(forKey: ObjectIdentifier(self)) }
        let told = state.withLock { state in
            (state.isOver, state.reason) = (true, reason)
            bell.close()
            defer { state.pauses = [] }
            return state.pauses
        }
        (sides, lanes) = ([], [])
        for pause in told { pause.complete() }
        over.complete()
    }
}
