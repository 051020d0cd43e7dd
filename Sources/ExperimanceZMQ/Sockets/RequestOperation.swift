// SPDX-License-Identifier: Apache-2.0

import DequeModule
import LibC

/// A request, and the wait for its answer.
///
/// It is sent when there is a server to send it to, and waited for until the answer comes, the server is lost, or the
/// time is up. libzmq puts a number in front of each (REQ_CORRELATE) and drops the answers to former ones, and a new
/// one may be sent at any time (REQ_RELAXED): so no answer is taken for another one's, and nothing has to be undone
/// when a wait ends without one. A link that is lost is made from scratch, so that no request stays in its queue to be
/// executed later (``ConnectStateMachine/Configuration/keepsPipe``).
@safe
struct RequestOperation: Operation {
    private enum Phase {
        /// Requests of several callers follow each other.
        case queueing
        case sending
        case awaiting(until: Deadline)
        /// No answer has come in the time of an attempt; it still may, until the next one.
        case awaitingLate(until: Deadline)
        /// The next attempt is due then.
        case pausing(until: Deadline, after: ZMQSocketError.Code)
    }

    private let data: UnsafeRawBufferPointer
    /// What follows the first part, for a request of several.
    private let others: [UnsafeRawBufferPointer]
    private let isIdempotent: Bool
    private let isPassing: Bool
    private let timeout: ZMQTimeout
    private let start = MonotonicInstant.now()
    private var until: Deadline?
    private var request: OpenRequest?
    private var phase = Phase.queueing

    /// - Parameters:
    ///   - data: the request, which stays where it is until the operation is over.
    ///   - others: its other parts, the same.
    ///   - isPassing: the answer goes no further than the call that asks for it, unless it is settled.
    init(
        _ data: UnsafeRawBufferPointer,
        others: [UnsafeRawBufferPointer] = unsafe [],
        isIdempotent: Bool,
        isPassing: Bool = false,
        timeout: ZMQTimeout
    ) {
        unsafe self.data = data
        unsafe self.others = others
        self.isIdempotent = isIdempotent
        self.isPassing = isPassing
        self.timeout = timeout
    }

    mutating func proceed(_ core: SocketCore, after end: ZMQSocketError.Code?) -> Step<ReceivedMessage> {
        guard let requester = core.role.requester else {
            let message = "a \(core.kind.name) socket makes no requests"
            return .failed(core.fail(ZMQSocketError(.notSupported, message: message)))
        }
        guard requester.numbersRequests else {
            let message = "the socket's requests have no numbers (ZMQ_REQ_CORRELATE is 0): send and receive them"
            return .failed(core.fail(ZMQSocketError(.notSupported, message: message)))
        }
        guard size <= core.slot.pointee.maxMessageSize else {
            return .failed(core.fail(ZMQSocketError(.tooLarge)))
        }
        let until = until ?? core.deadline(timeout)
        self.until = until
        var end = end
        while true {
            if let step = advance(core, requester, until, end) {
                if case .done = step, request != nil { giveTurnBack(core, requester) }
                return step
            }
            end = nil
        }
    }

    /// - Returns: nil to go on at once.
    private mutating func advance(
        _ core: SocketCore,
        _ requester: RequesterRole,
        _ until: Deadline,
        _ end: ZMQSocketError.Code?
    ) -> Step<ReceivedMessage>? {
        switch phase {
        case .queueing:
            if let end { return .failed(core.fail(error(core, end), timeout: timeout)) }
            guard requester.takeTurn() else { return .wait(for: .turn, until: until) }
            begin(core, requester, until)
        case .sending:
            if let end { return refused(core, until, end) }
            return send(core, requester, until)
        case .awaiting(let last):
            if let end { return decide(core, until, end) }
            return awaitReply(core, asIdempotent: isIdempotent, until: last) ?? decide(core, until, .peerLost)
        case .awaitingLate(let last):
            if let end { return end == .timeout ? repeatIfInTime(core, until, end) : failed(core, end) }
            if let step = awaitReply(core, asIdempotent: true, until: last) { return step }
            phase = .pausing(until: last, after: .timeout)
        case .pausing(let last, let code):
            guard let end else { return .wait(for: .state, until: last) }
            return end == .timeout ? repeatIfInTime(core, until, code) : failed(core, end)
        }
        return nil
    }

    /// Bytes of all parts. What does not fit into a number is over any limit.
    private var size: Int {
        unsafe others.reduce(data.count) { $0.addingReportingOverflow($1.count).overflow ? .max : $0 + $1.count }
    }

    // MARK: One at a time

    private mutating func begin(_ core: SocketCore, _ requester: RequesterRole, _ until: Deadline) {
        core.readiness.show(false)
        // Sends and receives that wait have lost their turn.
        core.waiters.wakeAll(.messages)
        let (request, isNew) = unsafe requester.begin(data, cancels: core.slot.front.cancels)
        // The answer to a former request, which nobody came for.
        if isNew { core.inbox.dropAll() }
        self.request = request
        if request.isSent { beginAwaiting(core, until) } else { beginSending() }
    }

    private func giveTurnBack(_ core: SocketCore, _ requester: RequesterRole) {
        requester.giveTurnBack()
        guard !core.isClosed else { return }
        core.passTurnOn()
        // An answer that came too late can be received from now on.
        if core.hasAudience { core.pump() }
    }

    // MARK: There and back

    private mutating func beginSending() {
        request?.attempts += 1
        phase = .sending
    }

    private mutating func send(
        _ core: SocketCore,
        _ requester: RequesterRole,
        _ until: Deadline
    ) -> Step<ReceivedMessage>? {
        guard let socket = unsafe core.socket, !core.isGated else { return .wait(for: .request, until: until) }
        guard unsafe put(into: socket) >= 0 else {
            let number = errno
            guard number == EAGAIN else { return refused(core, until, ZMQSocketError.Code(errno: number)) }
            return .wait(for: .request, until: until)
        }
        core.countSent(size)
        core.startLivenessWatch()
        request?.hasBeenSent(losses: requester.losses, peers: core.peerCount)
        beginAwaiting(core, until)
        return nil
    }

    private func put(into socket: RawSocket) -> Int32 {
        guard unsafe others.isEmpty else { return unsafe OutgoingMessage.send([data] + others, to: socket) }
        return unsafe ZMQ.send(socket, data.baseAddress, data.count)
    }

    private mutating func refused(
        _ core: SocketCore,
        _ until: Deadline,
        _ code: ZMQSocketError.Code
    ) -> Step<ReceivedMessage>? {
        core.journal.countRefusedSend()
        return decide(core, until, code)
    }

    private mutating func beginAwaiting(_ core: SocketCore, _ until: Deadline) {
        var last = until
        if isIdempotent, let bound = core.options.retry.attemptTimeout {
            let end = MonotonicInstant.now().advanced(byNanoseconds: bound.clampedNanoseconds)
            last = Deadline(min(end, until.instant))
        }
        phase = .awaiting(until: last)
    }

    /// - Returns: nil when the server that has the request is lost.
    private mutating func awaitReply(
        _ core: SocketCore,
        asIdempotent: Bool,
        until last: Deadline
    ) -> Step<ReceivedMessage>? {
        switch core.nextMessage(isPassing: isPassing) {
        case .success(let reply)?:
            core.countReceived(reply.totalSize)
            return .done(.success(reply))
        case .failure(let error)?:
            return failed(core, error.code)
        case nil:
            guard let request, core.role.requester?.hasLostServer(of: request, isIdempotent: asIdempotent) != true
            else { return nil }
            return .wait(for: [.answer, .state], until: last, isDrained: true)
        }
    }

    // MARK: Again, or the end

    /// What follows an attempt that has failed.
    private mutating func decide(
        _ core: SocketCore,
        _ until: Deadline,
        _ code: ZMQSocketError.Code
    ) -> Step<ReceivedMessage>? {
        let isPassing = code == .peerLost || code == .timeout && request?.isSent == true
        guard isIdempotent, isPassing, request?.isLastAttempt == false, !until.hasPassed(at: .now()),
            let delay = request?.nextDelay()
        else { return failed(core, code) }
        let next = MonotonicInstant.now().advanced(byNanoseconds: delay)
        let last = Deadline(min(next, until.instant))
        // The answer may still come; until its server is lost.
        phase = code == .timeout ? .awaitingLate(until: last) : .pausing(until: last, after: code)
        return nil
    }

    /// - Parameter code: why the last attempt failed.
    private mutating func repeatIfInTime(
        _ core: SocketCore,
        _ until: Deadline,
        _ code: ZMQSocketError.Code
    ) -> Step<ReceivedMessage>? {
        guard !until.hasPassed(at: .now()) else { return failed(core, code) }
        request?.goBack()
        beginSending()
        return nil
    }

    private func failed(_ core: SocketCore, _ code: ZMQSocketError.Code) -> Step<ReceivedMessage> {
        if code == .interrupted, !core.options.asksAfterSignals, unsafe others.isEmpty, let request {
            unsafe core.role.requester?.keep(request, data, cancels: core.slot.front.cancels)
        }
        return .failed(core.fail(error(core, code), timeout: timeout))
    }

    private func error(_ core: SocketCore, _ code: ZMQSocketError.Code) -> ZMQSocketError {
        core.requestError(code, request, since: start)
    }
}
