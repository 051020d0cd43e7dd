// SPDX-License-Identifier: Apache-2.0

/// A connect that waits until the handshake is done.
struct ConnectOperation: Operation {
    private enum Phase {
        case starting
        /// A link that the caller has begun, or come back to.
        case own(Link, since: MonotonicInstant)
        /// Another caller's link. It may go with that caller's patience; what is left of ours is our own to use.
        case others(Link, since: MonotonicInstant)
    }

    private let text: String
    private let timeout: ZMQTimeout
    private var begun: (endpoint: Endpoint, start: MonotonicInstant, until: Deadline)?
    private var phase = Phase.starting

    init(_ text: String, timeout: ZMQTimeout) {
        self.text = text
        self.timeout = timeout
    }

    mutating func proceed(_ core: SocketCore, after end: ZMQSocketError.Code?) -> Step<Void> {
        var end = end
        do throws(ZMQSocketError) {
            while true {
                if let step = try advance(core, end) { return step }
                end = nil
            }
        } catch {
            return .failed(error)
        }
    }

    /// - Returns: nil to go on at once.
    private mutating func advance(
        _ core: SocketCore,
        _ end: ZMQSocketError.Code?
    ) throws(ZMQSocketError) -> Step<Void>? {
        switch phase {
        case .starting:
            try start(core)
            return nil
        case .own(let link, let since):
            return try advance(core, own: link, since: since, end)
        case .others(let link, let since):
            return try advance(core, others: link, since: since, end)
        }
    }

    private mutating func begin(
        _ core: SocketCore
    ) throws(ZMQSocketError) -> (endpoint: Endpoint, start: MonotonicInstant, until: Deadline) {
        if let begun { return begun }
        let made = (try Endpoint(text, for: .connect), MonotonicInstant.now(), core.deadline(timeout))
        begun = made
        return made
    }

    private mutating func start(_ core: SocketCore) throws(ZMQSocketError) {
        let (endpoint, start, until) = try begin(core)
        try core.checkIsNotItself(endpoint)
        guard let link = core.connecting.liveLink(named: endpoint.text) else {
            phase = .own(core.begin(endpoint, .verified, until: until), since: start)
            return
        }
        guard link.isInterrupted else {
            phase = .others(link, since: start)
            return
        }
        // Its caller has come back.
        link.isInterrupted = false
        link.setDeadline(until)
        phase = .own(link, since: link.startedAt)
    }

    /// Without success no link is left, unless a signal ended the wait or somebody wants it in the background.
    private mutating func advance(
        _ core: SocketCore,
        own link: Link,
        since start: MonotonicInstant,
        _ end: ZMQSocketError.Code?
    ) throws(ZMQSocketError) -> Step<Void>? {
        guard let until = begun?.until else { return nil }
        let failure: ConnectFailure
        switch (end, link.outcome) {
        case (nil, _) where link.mergedInto != nil:
            if let other = link.mergedInto { phase = .others(other, since: start) }
            return nil
        case (nil, .failed(let reason)?):
            failure = reason
        case (nil, .connected?):
            return .done
        case (let code?, .connected?) where code != .closed && link.mergedInto == nil:
            // Who is cancelled at this moment does not take the link from others who have been told of it.
            return .done
        case (nil, nil) where link.isEstablished:
            return .done
        case (nil, _) where core.connecting.contains(link):
            return .wait(for: .state, until: until)
        case (nil, _):
            // Somebody disconnected the endpoint meanwhile.
            failure = ConnectFailure(code: .canceled, reason: ZMQSocketError.Code.canceled.explanation)
        case (.timeout, _):
            failure = link.failureAtDeadline
        case (let code?, _):
            failure = ConnectFailure(code: code, reason: code.explanation)
        }
        let error = core.connectError(link, failure, since: start)
        if failure.code == .interrupted, !core.options.asksAfterSignals {
            link.isInterrupted = true
        } else if !core.isClosed, !link.isWantedInBackground {
            core.drop(link)
        }
        throw core.fail(error)
    }

    private mutating func advance(
        _ core: SocketCore,
        others link: Link,
        since start: MonotonicInstant,
        _ end: ZMQSocketError.Code?
    ) throws(ZMQSocketError) -> Step<Void>? {
        guard let until = begun?.until else { return nil }
        let failure: ConnectFailure
        switch end {
        case nil where link.isEstablished:
            return .done
        case nil where core.connecting.contains(link):
            return .wait(for: .state, until: until)
        case nil where !until.hasPassed(at: .now()):
            phase = .starting
            return nil
        case nil, .timeout:
            failure = link.failureAtDeadline
        case let code?:
            failure = ConnectFailure(code: code, reason: code.explanation)
        }
        throw core.fail(core.connectError(link, failure, since: start))
    }
}
