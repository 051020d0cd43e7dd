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
            do throws(BindFailure) {
                return try bindOnce(endpoint, until: progress.until)
            } catch {
                failure = error.reason
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

    private struct BindFailure: Error { let reason: ConnectFailure }

    private func bindOnce(_ endpoint: Endpoint, until: Deadline) throws(BindFailure) -> String {
        guard let socket else { throw BindFailure(reason: ConnectFailure(code: .closed, reason: "it is closed")) }
        var address = endpoint.text.string
        var isIPv6 = false
        if case .tcp(let host, let port) = endpoint.target {
            (address, isIPv6) = try bindableAddress(host.string, port, until: until)
            // libzmq lists the interfaces first, and aborts where that fails.
            if let number = Descriptors.shortage(of: 1) {
                throw BindFailure(reason: Self.bindFailure(endpoint, number))
            }
            _ = ZMQ.setIPv6(of: socket, to: isIPv6)
        } else if case .ipc(let path) = endpoint.target, let failure = LocalPath.obstacle(to: path.string) {
            throw BindFailure(reason: failure)
        } else if case .inproc = endpoint.target, !connecting.links(to: endpoint.target).isEmpty {
            // libzmq would take the bind back with the connect, as it tells the two of a socket by their name.
            throw BindFailure(
                reason: ConnectFailure(code: .invalid, reason: "the socket is connected to \(endpoint.text) itself")
            )
        }
        // libzmq copies its limits when it is told to bind; a connect may have changed them.
        _ = SocketOptions.setUsualLimit(of: socket)
        bound.willBind()
        let status = ZMQ.bind(socket, address)
        // It has worked through what had arrived, and may have used up the signal of it.
        pump()
        guard status == 0 else { throw BindFailure(reason: Self.bindFailure(endpoint, status)) }
        let actual = ZMQ.lastEndpoint(of: socket) ?? address
        bound.add(BoundEndpoint(text: endpoint.text, actual: ExactText(actual), target: endpoint.target))
        if case .inproc(let name) = endpoint.target { announceInproc(name) }
        report(SocketEvent(.listening, endpoint: ExactText(actual)))
        return actual
    }

    /// libzmq binds to numbers and interfaces only; a host name is resolved here.
    private func bindableAddress(
        _ host: String,
        _ port: UInt16,
        until: Deadline
    ) throws(BindFailure) -> (address: String, isIPv6: Bool) {
        if host == "*" || if_nametoindex(host) != 0 { return ("tcp://\(host):\(port)", false) }
        if let numeric = NumericAddress(host, port: port) {
            return (numeric.endpoint.string, numeric.family == AF_INET6)
        }
        let answer = Guarded<Result<[NumericAddress], ConnectFailure>?>(nil)
        context.nameService.resolve(host, port: port, supervisor: context.supervisor) { [self] result in
            answer.withLock { $0 = result }
            locked { waiters.wakeAll(.state) }
        }
        let code = wait(for: .state, until: until) { answer.withLock { $0 } == nil ? nil : .ok }
        switch (code, answer.withLock { $0 }) {
        case (.ok, .success(let addresses)?):
            // IPv4 first, as an unspecific name should be reachable the usual way.
            let chosen = addresses.first { $0.family == AF_INET } ?? addresses.first
            guard let chosen else {
                throw BindFailure(reason: ConnectFailure(code: .resolve, reason: "\"\(host)\" has no address"))
            }
            return (chosen.endpoint.string, chosen.family == AF_INET6)
        case (.ok, .failure(let failure)?):
            throw BindFailure(reason: failure)
        case (.timeout, _):
            throw BindFailure(
                reason: ConnectFailure(code: .resolve, reason: "the name service has not answered for \"\(host)\"")
            )
        default:
            throw BindFailure(reason: ConnectFailure(code: code, reason: code.explanation))
        }
    }

    private static func bindFailure(_ endpoint: Endpoint, _ number: Int32) -> ConnectFailure {
        var failure = ConnectFailure(errno: number, of: .bind)
        if failure.code == .addressInUse, case .tcp(_, let port) = endpoint.target {
            failure.reason += "; see who has it with: ss -ltnp 'sport = :\(port)'"
        }
        return failure
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
        report(SocketEvent(.closed, endpoint: former.actual))
        waiters.wakeAll(.state)
    }
}
