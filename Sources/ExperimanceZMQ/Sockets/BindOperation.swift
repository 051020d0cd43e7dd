// SPDX-License-Identifier: Apache-2.0

import LibC

/// A bind that is tried again under the policy while the address is in use or not there yet.
struct BindOperation: Operation {
    private enum Phase {
        /// An attempt can be made.
        case trying
        /// The name service is asked where.
        case resolving(AddressQuery)
        /// The next attempt is due then.
        case pausing(Deadline, ConnectFailure)
    }

    private let text: String
    private let timeout: ZMQTimeout
    private var bind: (endpoint: Endpoint, progress: BindProgress)?
    private var phase = Phase.trying

    init(_ text: String, timeout: ZMQTimeout) {
        self.text = text
        self.timeout = timeout
    }

    /// - Returns: the endpoint as it is, with the port the system chose.
    mutating func proceed(_ core: SocketCore, after end: ZMQSocketError.Code?) -> Step<String> {
        do throws(ZMQSocketError) {
            if bind == nil { try begin(core) }
            guard let (endpoint, _) = bind else { return .failed(ZMQSocketError(.internal)) }
            var end = end
            while true {
                do throws(ConnectFailure) {
                    if let wait = try advance(core, endpoint, &end) { return wait }
                } catch {
                    try retry(core, after: error)
                }
            }
        } catch {
            return .failed(error)
        }
    }

    private mutating func begin(_ core: SocketCore) throws(ZMQSocketError) {
        let endpoint = try Endpoint(text, for: .bind)
        core.peersMayCome()
        let until = core.deadline(timeout)
        let progress = core.bound.begin(endpoint.text, until: until, policy: core.options.retry, now: .now())
        bind = (endpoint, progress)
        if let next = progress.nextAttempt, let failure = progress.failure {
            phase = .pausing(Deadline(min(next, until.instant)), failure)
        }
    }

    /// - Returns: what is to be waited for, or that it is done; nil to go on at once.
    private mutating func advance(
        _ core: SocketCore,
        _ endpoint: Endpoint,
        _ end: inout ZMQSocketError.Code?
    ) throws(ConnectFailure) -> Step<String>? {
        defer { end = nil }
        guard let until = bind?.progress.until else { return nil }
        switch phase {
        case .pausing(let next, let failure):
            switch end {
            case nil where !next.hasPassed(at: .now()): return .wait(for: .state, until: next)
            case nil, .timeout: break
            case let code?: return .failed(ended(core, code))
            }
            if until.hasPassed(at: .now()) { return .failed(error(core, failure)) }
            phase = .trying
            return nil
        case .trying:
            bind?.progress.attempts += 1
            guard case .tcp(let host, let port) = endpoint.target else {
                return .done(.success(try core.bindOnce(endpoint)))
            }
            if let addresses = try core.knownAddresses(of: host.string, port) {
                return .done(.success(try core.bindOnce(endpoint, at: addresses, port)))
            }
            phase = .resolving(core.askForAddresses(of: host.string, port))
            return nil
        case .resolving(let query):
            if let address = try query.address(after: end) {
                return .done(.success(try core.bindOnce(endpoint, at: [address], query.port)))
            }
            return .wait(for: .state, until: until)
        }
    }

    /// Sees to the next attempt after one that failed.
    ///
    /// - Throws: what the caller is told when nothing more is tried.
    private mutating func retry(_ core: SocketCore, after failure: ConnectFailure) throws(ZMQSocketError) {
        guard !failure.code.endsWait else {
            if failure.code == .interrupted { bind?.progress.attempts -= 1 }
            throw ended(core, failure.code)
        }
        guard var progress = bind?.progress else { return }
        core.report(ZMQEvent(.failed, failure, endpoint: progress.text.string, attempt: progress.attempts))
        guard failure.code.isRetryable, let delay = progress.backoff.next() else { throw error(core, failure) }
        core.report(ZMQEvent(.retryIn, endpoint: progress.text.string, attempt: progress.attempts + 1, delay: delay))
        let next = MonotonicInstant.now().advanced(byNanoseconds: delay.clampedNanoseconds)
        (progress.failure, progress.nextAttempt) = (failure, next)
        bind?.progress = progress
        phase = .pausing(Deadline(min(next, progress.until.instant)), failure)
    }

    /// The wait was ended, not by its deadline. A caller whom a signal has interrupted may come back.
    private func ended(_ core: SocketCore, _ code: ZMQSocketError.Code) -> ZMQSocketError {
        if code == .interrupted, !core.options.asksAfterSignals, let progress = bind?.progress {
            core.bound.keep(progress)
        }
        return error(core, ConnectFailure(code: code, reason: code.explanation))
    }

    private func error(_ core: SocketCore, _ failure: ConnectFailure) -> ZMQSocketError {
        guard let progress = bind?.progress else { return ZMQSocketError(failure.code) }
        return core.fail(progress.error(failure, at: .now()))
    }
}

/// What the name service says where to listen.
struct AddressQuery {
    private let host: String
    let port: UInt16
    private let answer = Guarded<Result<[NumericAddress], ConnectFailure>?>(nil)

    init(_ host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    func answered(_ result: Result<[NumericAddress], ConnectFailure>) { answer.withLock { $0 = result } }

    /// - Parameter end: how the wait for the answer has ended, if it has.
    /// - Returns: nil while there is none.
    func address(after end: ZMQSocketError.Code?) throws(ConnectFailure) -> NumericAddress? {
        if let answer = answer.withLock({ $0 }) {
            let addresses = try answer.get()
            // IPv4 first, as an unspecific name should be reachable the usual way.
            guard let chosen = addresses.first(where: { $0.family == AF_INET }) ?? addresses.first else {
                throw ConnectFailure(code: .resolve, reason: "\"\(host)\" has no address")
            }
            return chosen
        }
        switch end {
        case nil: return nil
        case .timeout:
            throw ConnectFailure(code: .resolve, reason: "the name service has not answered for \"\(host)\"")
        case let code?: throw ConnectFailure(code: code, reason: code.explanation)
        }
    }
}
