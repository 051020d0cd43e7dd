// SPDX-License-Identifier: Apache-2.0

import DequeModule
import Glibc

// A request is sent when there is a server to send it to, and waited for until the answer comes, the server is lost, or
// the time is up. libzmq puts a number in front of each (REQ_CORRELATE) and drops the answers to former ones, and a new
// one may be sent at any time (REQ_RELAXED): so no answer is taken for another one's, and nothing has to be undone when
// a wait ends without one. A link that is lost is made from scratch, so that no request stays in its queue to be
// executed later (``ConnectStateMachine/Configuration/keepsPipe``).
extension SocketCore {
    func request(
        _ data: UnsafeRawBufferPointer,
        isIdempotent: Bool,
        timeout: Int32
    ) throws(ZMQSocketError) -> ReceivedMessage {
        let start = MonotonicInstant.now()
        guard let requester = role.requester else {
            throw fail(ZMQSocketError(.notSupported, message: "a \(kind.name) socket makes no requests"))
        }
        guard data.count <= slot.pointee.maxMessageSize else { throw fail(ZMQSocketError(.tooLarge)) }
        let until = deadline(timeout)
        try takeTurn(of: requester, since: start, until: until, timeout: timeout)
        defer { giveTurnBack(to: requester) }
        var (request, isNew) = requester.begin(data, cancels: slot.front.cancels)
        // The answer to a former request, which nobody came for.
        if isNew { inbox.dropAll() }
        while true {
            var code = request.isSent ? Code.ok : send(data, &request, of: requester, until: until)
            if code == .ok {
                switch awaitReply(request, isIdempotent: isIdempotent, until: attemptEnd(isIdempotent, until)) {
                case .success(let reply): return reply
                case .failure(let error): code = error.code
                }
            }
            let isPassing = code == .peerLost || (code == .timeout && request.isSent)
            if isIdempotent, isPassing, !request.isLastAttempt, !until.hasPassed(at: .now()) {
                switch delay(&request, after: code, until: until) {
                case .success(let reply): return reply
                case .failure(let end) where end.code != .timeout: code = end.code
                case .failure:
                    if !until.hasPassed(at: .now()) {
                        request.goBack()
                        continue
                    }
                }
            }
            if code == .interrupted, !options.asksAfterSignals {
                requester.keep(request, data, cancels: slot.front.cancels)
            }
            throw fail(requestError(code, request, since: start), timeout: timeout)
        }
    }

    /// The delay before the request is made again, or what ends the call before that.
    private func delay(
        _ request: inout OpenRequest,
        after code: Code,
        until: Deadline
    ) -> Result<ReceivedMessage, ZMQSocketError> {
        let next = Deadline(MonotonicInstant.now().advanced(byNanoseconds: request.nextDelay()))
        let end = next.instant < until.instant ? next : until
        if code == .timeout {
            // The answer may still come; until its server is lost.
            let outcome = awaitReply(request, isIdempotent: true, until: end)
            guard case .failure(let error) = outcome, error.code == .peerLost else { return outcome }
        }
        return .failure(ZMQSocketError(wait(for: .state, until: end) { nil }))
    }

    private func attemptEnd(_ isIdempotent: Bool, _ until: Deadline) -> Deadline {
        guard isIdempotent else { return until }
        let bound = options.retry.attemptTimeout.clampedNanoseconds
        guard bound > 0 else { return until }
        let end = MonotonicInstant.now().advanced(byNanoseconds: bound)
        return end < until.instant ? Deadline(end) : until
    }

    // MARK: One at a time

    /// Requests of several threads follow each other.
    private func takeTurn(
        of requester: RequesterRole,
        since start: MonotonicInstant,
        until: Deadline,
        timeout: Int32
    ) throws(ZMQSocketError) {
        let code = wait(for: .state, until: until) { requester.takeTurn() ? .ok : nil }
        guard code == .ok else { throw fail(requestError(code, nil, since: start), timeout: timeout) }
        readiness.show(false)
        // Sends and receives that wait have lost their turn.
        waiters.wakeAll(.messages)
    }

    private func giveTurnBack(to requester: RequesterRole) {
        requester.giveTurnBack()
        guard !isClosed else { return }
        waiters.wakeAll(.state)
        // An answer that came too late can be received from now on.
        if hasAudience { pump() }
    }

    /// Something else is done with the socket: the same request again is a new one.
    func giveUpInterruptedRequest() { role.requester?.giveUpInterrupted() }

    // MARK: There and back

    private func send(
        _ data: UnsafeRawBufferPointer,
        _ request: inout OpenRequest,
        of requester: RequesterRole,
        until: Deadline
    ) -> Code {
        request.attempts += 1
        func tryOnce() -> Code? {
            guard let socket, !isGated else { return nil }
            guard ZMQ.send(socket, data.baseAddress, data.count) < 0 else { return .ok }
            let number = errno
            return number == EAGAIN ? nil : Code(errno: number)
        }
        let code = tryOnce() ?? wait(for: .request, until: until, tryOnce)
        guard code == .ok else {
            journal.countRefusedSend()
            return code
        }
        countSent(data.count)
        startLivenessWatch()
        request.hasBeenSent(losses: requester.losses, peers: peerCount)
        return .ok
    }

    private func awaitReply(
        _ request: OpenRequest,
        isIdempotent: Bool,
        until: Deadline
    ) -> Result<ReceivedMessage, ZMQSocketError> {
        var reply: ReceivedMessage?
        func tryOnce() -> Code? {
            switch nextMessage() {
            case .success(let message)?:
                reply = message
                return .ok
            case .failure(let error)?:
                return error.code
            case nil:
                return role.requester?.hasLostServer(of: request, isIdempotent: isIdempotent) == true ? .peerLost : nil
            }
        }
        let code = tryOnce() ?? wait(for: [.answer, .state], until: until, isDrained: true, tryOnce)
        guard let reply else { return .failure(ZMQSocketError(code)) }
        countReceived(reply.totalSize)
        return .success(reply)
    }

    /// - Parameter request: nil while it is not its turn.
    private func requestError(_ code: Code, _ request: OpenRequest?, since start: MonotonicInstant) -> ZMQSocketError {
        let attempts = request?.attempts ?? 0
        let isSent = request?.isSent ?? false
        let elapsed = Duration.nanoseconds(MonotonicInstant.now().nanoseconds(since: start))
        var (code, systemErrno): (Code, Int32) = (code, 0)
        let reason: String
        switch code {
        case .timeout where isSent:
            reason = "the request was sent and no answer has come in time"
        case .timeout where attempts > 1:
            (code, reason) = (.peerLost, "the server was lost before it answered, and is not back")
        case .timeout where request == nil && peerCount > 0:
            reason = "another request on the socket was not over in time"
        case .timeout:
            // Why there is no server is known best by the link to it.
            let failure = connecting.lastFailure
            if let failure { (code, systemErrno) = (failure.code, failure.systemErrno) }
            reason = failure?.reason ?? "there is no server"
        case .peerLost:
            reason = "the server was lost before it answered; it may have executed the request"
        default:
            reason = code.explanation
        }
        return ZMQSocketError(
            code,
            endpoint: (connecting.all.first?.endpoint.text ?? bound.first?.shown)?.string,
            attempts: attempts,
            elapsed: elapsed,
            systemErrno: systemErrno,
            message: "request failed after \(attempts) attempt\(attempts == 1 ? "" : "s") in "
                + "\(elapsed.inWords): \(reason)"
        )
    }
}
