// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    /// What the caller of a request is told that has failed.
    ///
    /// - Parameter request: nil while it is not its turn.
    func requestError(_ code: Code, _ request: OpenRequest?, since start: MonotonicInstant) -> ZMQSocketError {
        let attempts = request?.attempts ?? 0
        let isSent = request?.isSent ?? false
        let elapsed = Duration.nanoseconds(MonotonicInstant.now().nanoseconds(since: start))
        var (code, systemErrno): (Code, Int32?) = (code, nil)
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

    /// Wakes the next one of those who want to make a request, if it is nobody's turn.
    func passTurnOn() {
        guard !isRequesting else { return }
        waiters.wakeFirst(.turn)
    }

    /// Something else is done with the socket: the same request again is a new one.
    func giveUpInterruptedRequest() { role.requester?.giveUpInterrupted() }
}
