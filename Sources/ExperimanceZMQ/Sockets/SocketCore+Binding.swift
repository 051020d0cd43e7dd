// SPDX-License-Identifier: Apache-2.0

import Glibc

extension SocketCore {
    /// Binds, trying again under the policy while the address is in use or not there yet.
    ///
    /// - Returns: the endpoint as it is, with the port the system chose.
    func bind(_ text: String, timeout: Int32) throws(ZMQSocketError) -> String {
        let endpoint = try Endpoint(text, for: .bind)
        var progress = bound.begin(
            endpoint.text,
            until: deadline(timeout),
            policy: options.retry,
            now: .now()
        )
        while true {
            if let next = progress.nextAttempt, let failure = progress.failure {
                let end = next < progress.until.instant ? Deadline(next) : progress.until
                let code = wait(for: .state, until: end) { nil }
                guard code == .timeout else {
                    if code == .interrupted, !options.asksAfterSignals { bound.keep(progress) }
                    throw bindError(ConnectFailure(code: code, reason: code.explanation), progress)
                }
                if progress.until.hasPassed(at: .now()) { throw bindError(failure, progress) }
            }
            progress.attempts += 1
            let failure: ConnectFailure
            do throws(ConnectFailure) {
                return try bindOnce(endpoint, until: progress.until)
            } catch {
                failure = error
            }
            if failure.code == .interrupted, !options.asksAfterSignals {
                progress.attempts -= 1
                bound.keep(progress)
            }
            guard !failure.code.endsWait else { throw bindError(failure, progress) }
            report(SocketEvent(.failed, failure, endpoint: progress.text, attempt: progress.attempts))
            guard failure.code.isRetryable, let delay = progress.backoff.next() else {
                throw bindError(failure, progress)
            }
            report(SocketEvent(.retryIn, endpoint: progress.text, attempt: progress.attempts + 1, delay: delay))
            progress.failure = failure
            progress.nextAttempt = MonotonicInstant.now().advanced(byNanoseconds: delay.clampedNanoseconds)
        }
    }

    private func bindError(_ failure: ConnectFailure, _ progress: BindProgress) -> ZMQSocketError {
        fail(progress.error(failure, at: .now()))
    }

    /// Stops listening at an endpoint and ends the connections that came through it.
    func unbind(_ text: String) throws(ZMQSocketError) {
        let endpoint = try Endpoint(text, for: .bind)
        guard let socket, let former = bound.endpoint(named: endpoint.text) else {
            throw ZMQSocketError(.state, endpoint: text, message: "the socket is not bound to \(endpoint.text)")
        }
        former.file?.remove()
        let status =
            if case .inproc(let name) = former.target {
                withdrawInproc(name, isClosing: false) { ZMQ.unbind(socket, former.actual.string) }
            } else {
                ZMQ.unbind(socket, former.actual.string)
            }
        guard status == 0 else {
            throw ZMQSocketError(errno: status, doing: "unbind from \(text) failed", endpoint: text)
        }
        let gone = bound.remove(former)
        followUp()
        for descriptor in gone {
            _ = liveness.closed(descriptor)
            subscriptionsLost(with: descriptor, isOutgoing: false)
        }
        report(SocketEvent(.closed, endpoint: former.shown))
        waiters.wakeAll(.state)
    }
}
