// SPDX-License-Identifier: Apache-2.0

import LibC

/// The life of one link that this side makes by connecting, from the first attempt to the last re-connection.
///
/// It decides everything and does nothing: inputs come in with the time they happened at, actions go out, and the
/// caller performs them. So every path can be tested as a table, without a socket and without a clock.
///
/// Until the first handshake the attempts are its own: each is one `connect` to a numeric address, ended by a
/// `disconnect` when it fails, with the delays the policy gives. Sends have to wait meanwhile; so an address that gave
/// no answer the last time is first looked at with a connection of our own, and libzmq is told once something fits.
/// Once a link has been up, libzmq re-connects it (its pipe keeps what is queued) and the machine watches; where libzmq
/// gives up for good, which it tells by staying silent after a disconnect, the machine removes the dead endpoint and
/// goes back to attempts of its own. So it does when the name of the link has come to stand for another address.
///
/// Here are its inputs and what becomes of attempts of its own. Beside it are what happens to a link that has been up,
/// and what the passing of time does. The states are nobody else's: who has a machine keeps it private.
struct ConnectStateMachine: Sendable {
    /// How long an attempt without any other bound may take.
    static let attemptLimit: Int64 = 5_000 * nanosecondsPerMillisecond
    /// The longest a probe may take.
    static let probeLimit: Int64 = 1_000 * nanosecondsPerMillisecond
    /// A connection that is accepted but without a word for this long is probed.
    static let suspicionLimit: Int64 = 500 * nanosecondsPerMillisecond
    /// Where there can be one queue only, the former one is given this time to end.
    static let queueEnd: Int64 = 100 * nanosecondsPerMillisecond
    /// libzmq announces its next attempt right after a disconnect. If it has not by then, it will not: its thread may
    /// have hundreds of other links to take leave of first, on a busy machine, and who gives up too soon drops the
    /// queue.
    static let revivalLimit: Int64 = 2_000 * nanosecondsPerMillisecond

    var configuration: ConnectConfiguration
    var phase = ConnectPhase.idle
    var backoff: ZMQBackoff<SplitMix64>
    private var attemptEnd: MonotonicInstant
    private var addressesLeft: [NumericAddress] = []
    /// An attempt ended on a disconnect: libzmq's announcement of a retry may still be on its way to us.
    var mayHearOfOldRetry = false
    var actions: [ConnectAction] = []
    /// Connections to the address beside the one that counts.
    ///
    /// An attempt that was given up ends when the socket has worked through what its end needs, and may connect until
    /// then. Its connection ends without a word of libzmq's, so nobody can say which of two is whose: the end of either
    /// is taken for the end of the link, and an end that is none is noticed by libzmq's silence afterwards.
    var otherDescriptors: Set<Int32> = []

    /// Attempts since the start or since the link was last up.
    var attempt = 0
    /// Attempts since the start.
    var totalAttempts = 0
    /// The attempt is made with keys or a password, which a peer may reject by breaking off without a word.
    var isSecured = false
    /// Why the last attempt that ended failed.
    var lastFailure: ConnectFailure?
    var hasBeenEstablished = false

    init(_ configuration: ConnectConfiguration) {
        self.configuration = configuration
        backoff = ZMQBackoff(policy: configuration.policy)
        attemptEnd = MonotonicInstant(nanoseconds: 0)
    }

    // MARK: The one door

    mutating func handle(_ input: ConnectInput, now: MonotonicInstant) -> [ConnectAction] {
        actions = []
        switch (input, phase) {
        case (.start, .idle):
            beginAttempt(now)
        case (.resolved(let addresses), .resolving):
            addressesLeft = addresses
            connectToNextAddress(now, failure: .noAnswer)
        case (.resolutionFailed(let failure), .resolving):
            attemptFailed(failure, now)
        case (.resolved(let addresses), .recovering(let recovering)):
            rejoin(recovering, addresses, now)
        case (.resolutionFailed(let failure), .recovering(let recovering)):
            rejoin(recovering, [], failure: failure, now)
        case (.connectRejected(let failure), .connecting):
            connectToNextAddress(now, failure: failure)
        case (.signal(let signal), .connecting(let attempting)):
            handle(signal, attempting, now)
        case (.signal(let signal), .established(let address, let descriptor)):
            handle(signal, establishedAt: address, descriptor, now)
        case (.signal(let signal), .recovering(let recovering)):
            handle(signal, recovering, now)
        case (.metItself, .connecting(let attempting)):
            abandon(attempting.address)
            connectToNextAddress(now, failure: .itself)
        case (.metItself, .recovering(var recovering)):
            reportRecoveryAttempt(&recovering)
            recovering.descriptor = nil
            lastFailure = .itself
            report(.itself)
            recovering.announcementBy = now.advanced(byNanoseconds: Self.revivalLimit)
            phase = .recovering(recovering)
        case (.probed(let verdict), .connecting(let attempting)):
            if let failure = verdict.certainFailure {
                abandon(attempting.address)
                connectToNextAddress(now, failure: failure)
            }
        case (.probed(.fits), .scouting(let address, _)):
            // The look has used up a part of the attempt's time, which may be just enough.
            attemptEnd = now.advanced(byNanoseconds: attemptTime)
            connect(to: address, until: attemptEnd, now)
        case (.probed(let verdict), .scouting):
            connectToNextAddress(now, failure: verdict.refine(ConnectFailure(connectErrno: ECONNREFUSED)))
        case (.probed(let verdict), .investigating(_, let presumed, _)):
            let failure = verdict.refine(presumed)
            // It refused a moment ago and is there now: the attempt's other addresses, then another attempt, at once.
            connectToNextAddress(now, failure: failure, retriesAtOnce: verdict == .fits && presumed.code == .refused)
        case (.probed(let verdict), .recovering(var recovering)) where recovering.isProbing:
            reportRecoveryFailure(&recovering, in: verdict)
            phase = .recovering(recovering)
            lookAround(now)
        case (.probed(let verdict), .recovering(var recovering)):
            if verdict == .fits, let addresses = recovering.name?.addressesWithFound() {
                move(from: recovering.address, to: addresses, now)
            } else {
                recovering.name?.foundNobody()
                phase = .recovering(recovering)
                lookAround(now)
            }
        case (.timer, _):
            handleTimer(now)
        case (.stop, _):
            stop()
        default:
            break
        }
        return actions
    }

    // MARK: Attempts of our own

    /// - Parameter addresses: where the name is, if that is known.
    mutating func beginAttempt(_ now: MonotonicInstant, at addresses: [NumericAddress]? = nil) {
        guard !endAtDeadline(now) else { return }
        attempt += 1
        totalAttempts += 1
        actions.append(.report(ZMQEvent(.connecting, attempt: attempt)))

        attemptEnd = now.advanced(byNanoseconds: attemptTime)
        if let deadline = callersDeadline {
            let isBounded = configuration.policy.attemptTimeout != nil
            attemptEnd = isBounded ? min(attemptEnd, deadline.instant) : deadline.instant
        }
        if let addresses = addresses ?? configuration.address.map({ [$0] }) {
            addressesLeft = addresses
            connectToNextAddress(now, failure: .noAnswer)
        } else {
            phase = .resolving(end: attemptEnd)
            actions.append(.resolve)
        }
    }

    /// What an attempt has without a deadline.
    var attemptTime: Int64 {
        configuration.policy.attemptTimeout?.clampedNanoseconds ?? Self.attemptLimit
    }

    /// Goes on with the attempt at the next address, or ends it with `failure` when there is none.
    mutating func connectToNextAddress(
        _ now: MonotonicInstant,
        failure: ConnectFailure,
        retriesAtOnce: Bool = false
    ) {
        guard let address = addressesLeft.first, now < attemptEnd || lastFailure == nil else {
            return attemptFailed(failure, now, retriesAtOnce: retriesAtOnce)
        }
        // What is left of the attempt is shared among the addresses that are left.
        let share = attemptEnd.nanoseconds(since: now) / Int64(addressesLeft.count)
        addressesLeft.removeFirst()
        let end = now.advanced(byNanoseconds: share)
        guard callersDeadline == nil, lastFailure?.code == .timeout else {
            return connect(to: address, until: end, now)
        }
        phase = .scouting(address, end: end)
        actions.append(.probe(address, until: end))
    }

    mutating func connect(to address: NumericAddress, until end: MonotonicInstant, _ now: MonotonicInstant) {
        phase = .connecting(ConnectAttempt(address: address, start: now, end: end))
        otherDescriptors = []
        actions.append(.connect(address, until: end))
    }

    mutating func handle(_ signal: MonitorEvent.Kind, _ current: ConnectAttempt, _ now: MonotonicInstant) {
        var attempting = current
        switch signal {
        case .connectDelayed:
            attempting.isUnderWay = true
            mayHearOfOldRetry = false
        case .connected(let descriptor) where attempting.isUnderWay || attempting.address.family == AF_UNIX:
            attempting.isUnderWay = true
            if let former = attempting.descriptor, former != descriptor { otherDescriptors.insert(former) }
            attempting.descriptor = descriptor
            // Where the attempt before has a reason, an accepted one of a moment does not make it a silent peer.
            let least = lastFailure == nil ? 0 : Self.suspicionLimit / 2
            let patience = min(max(attempting.end.nanoseconds(since: now) / 2, least), Self.suspicionLimit)
            attempting.suspicionAt = now.advanced(byNanoseconds: patience)
        case .closed:
            attempting.isUnderWay = true
        case .handshakeFailed(let failure):
            attempting.handshakeFailure = failure
        case .handshakeSucceeded where attempting.descriptor != nil:
            return establish(attempting.address, attempting.descriptor, now)
        case .connectRetried where attempting.descriptor == nil:
            guard attempting.isUnderWay || !mayHearOfOldRetry else {
                mayHearOfOldRetry = false
                break
            }
            abandon(attempting.address)
            let presumed = ConnectFailure(connectErrno: ECONNREFUSED)
            guard addressesLeft.isEmpty else { return connectToNextAddress(now, failure: presumed) }
            return investigate(attempting.address, presumed: presumed, now)
        case .disconnected(let descriptor) where descriptor == attempting.descriptor:
            abandon(attempting.address)
            mayHearOfOldRetry = true
            let failure = attempting.handshakeFailure.map { ConnectFailure($0) } ?? .handshakeRejected
            guard attempting.handshakeFailure == nil || failure.code == .peerLost else {
                return connectToNextAddress(now, failure: failure)
            }
            // Whom this socket does not suit breaks off without a word, before or after it has told what it is itself.
            let isOfKeys = isSecured && failure.code == .peerLost
            return investigate(attempting.address, presumed: isOfKeys ? .keyRejected : failure, now)
        default:
            break
        }
        phase = .connecting(attempting)
    }

    mutating func abandon(_ address: NumericAddress) {
        actions.append(.cancelProbe)
        actions.append(.disconnect(address))
    }

    private mutating func investigate(
        _ address: NumericAddress,
        presumed: ConnectFailure,
        _ now: MonotonicInstant
    ) {
        var end = now.advanced(byNanoseconds: Self.probeLimit)
        if let deadline = callersDeadline { end = min(end, deadline.instant) }
        phase = .investigating(address, presumed: presumed, end: end)
        actions.append(.probe(address, until: end))
    }

    mutating func attemptFailed(
        _ failure: ConnectFailure,
        _ now: MonotonicInstant,
        retriesAtOnce: Bool = false
    ) {
        lastFailure = failure
        report(failure)
        guard !endAtDeadline(now) else { return }
        let isLast = configuration.policy.isExhausted(after: attempt)
        if configuration.mode == .verified, !hasBeenEstablished, isLast || !failure.code.isRetryable {
            phase = .finished
            actions.append(.finish(failure))
            return
        }
        var delay = backoff.nextNanoseconds()
        if !failure.code.isRetryable, !failure.code.isShortage {
            // Trying again soon is no use; never trying again would leave the link dead when the peer is put right.
            delay = max(delay, configuration.policy.maxBackoff.clampedNanoseconds)
        } else if retriesAtOnce {
            delay = 0
        }
        waitForNextAttempt(delay, now)
    }

    mutating func waitForNextAttempt(_ delay: Int64, _ now: MonotonicInstant) {
        actions.append(.report(ZMQEvent(.retryIn, attempt: attempt + 1, delay: .nanoseconds(delay))))
        phase = .waiting(until: now.advanced(byNanoseconds: delay))
    }

    mutating func report(_ failure: ConnectFailure) {
        actions.append(.report(ZMQEvent(.failed, failure, attempt: attempt)))
    }

    mutating func establish(_ address: NumericAddress, _ descriptor: Int32?, _ now: MonotonicInstant) {
        let event = ZMQEvent(.handshaken, attempt: attempt)
        let isFirst = !hasBeenEstablished
        hasBeenEstablished = true
        backoff.reset()
        attempt = 0
        lastFailure = nil
        phase = .established(address, descriptor: descriptor)
        actions.append(.cancelProbe)
        actions.append(.established)
        actions.append(.report(event))
        if configuration.mode == .verified, isFirst { actions.append(.finish(nil)) }
    }
}
