// SPDX-License-Identifier: Apache-2.0

import Glibc

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
/// All of it is in one long file: the states are nobody else's, and a transition is read together with those it leads
/// to.
struct ConnectStateMachine: Sendable {
    enum Mode: Sendable {
        /// Ends with the first handshake or with a failure that is reported to the caller.
        case verified
        /// Goes on until it is stopped.
        case background
    }

    struct Configuration: Sendable {
        var mode: Mode
        var policy: RetryPolicy
        /// The end of the caller's patience (`verified`).
        var deadline: Deadline?
        /// The address, where the endpoint has it in numbers or is a path; nil for a host name.
        var address: NumericAddress?
        /// What is queued when a link is lost stays queued for it. Not for requests, which are made again by who wants
        /// the answer.
        var keepsPipe = true
        /// libzmq refuses a second queue while the first one is still ending, and does not say so.
        var hasOneQueue = false
    }

    /// What a monitor says about the current address.
    typealias Signal = MonitorEvent.Kind

    enum Input: Sendable {
        case start
        case resolved([NumericAddress])
        case resolutionFailed(ConnectFailure)
        case signal(Signal)
        /// libzmq's connection is one to itself, and has been reset.
        case metItself
        case probed(ProbeVerdict)
        /// libzmq would not take the address.
        case connectRejected(ConnectFailure)
        /// ``nextTimer`` has come.
        case timer
        /// The caller is done with this link.
        case stop
    }

    enum Action: Equatable, Sendable {
        /// Resolve the host name; answer with `resolved` or `resolutionFailed`.
        case resolve
        /// Let libzmq connect to the address, and hold back sends that could end up in its pipe. libzmq is not to give
        /// up by itself before the time.
        case connect(NumericAddress, until: MonotonicInstant)
        /// Let libzmq forget the address.
        case disconnect(NumericAddress)
        /// The same, with all that is queued for it: it is not the peer's any more.
        case leave(NumericAddress)
        /// Find out with a connection of our own what is at the address; answer with `probed` by then.
        case probe(NumericAddress, until: MonotonicInstant)
        /// A probe under way is of no more interest.
        case cancelProbe
        /// Tell the user. Endpoint, time and peer count are the performer's to add.
        case report(SocketEvent)
        /// The handshake is done.
        case established
        /// The established link has another descriptor than was thought.
        case moved
        /// The established link is gone.
        case lost
        /// The established link ends because nobody wants it any more.
        case ended
        /// The verified connect is over: nil for success.
        case finish(ConnectFailure?)
    }

    /// How long an attempt without any other bound may take.
    static let attemptLimit: Int64 = 5_000 * nanosecondsPerMillisecond
    /// The longest a probe may take.
    static let probeLimit: Int64 = 1_000 * nanosecondsPerMillisecond
    /// A connection that is accepted but without a word for this long is probed.
    static let suspicionLimit: Int64 = 500 * nanosecondsPerMillisecond
    /// Where there can be one queue only, the former one is given this time to end.
    static let queueEnd: Int64 = 100 * nanosecondsPerMillisecond
    /// libzmq announces its next attempt right after a disconnect. If it has not by then, it will not.
    static let revivalLimit: Int64 = 500 * nanosecondsPerMillisecond

    // MARK: State

    private struct Attempting {
        var address: NumericAddress
        let start: MonotonicInstant
        var end: MonotonicInstant
        /// When an accepted connection without a handshake gets suspicious.
        var suspicionAt: MonotonicInstant?
        /// libzmq has begun: what it says from here on is about this attempt.
        var isUnderWay = false
        var descriptor: Int32?
        var handshakeFailure: MonitorEvent.HandshakeFailure?
    }

    private struct Recovering {
        var address: NumericAddress
        /// Without an announcement by then, libzmq has given up.
        var announcementBy: MonotonicInstant?
        var descriptor: Int32?
        var handshakeFailure: MonitorEvent.HandshakeFailure?
        /// `connecting` has been reported for the current attempt.
        var isReported = false
        /// A failed attempt whose reason a probe is looking for.
        var isProbing = false
        /// What became of the name meanwhile; nil for an address in numbers.
        var name: NameRecovery?
        /// The delay libzmq announced while the reason was not known yet.
        var heldDelay: Int32?
    }

    private enum Phase {
        case idle
        case resolving(end: MonotonicInstant)
        case connecting(Attempting)
        /// A probe looks whether there is somebody to connect to.
        case scouting(NumericAddress, end: MonotonicInstant)
        case investigating(NumericAddress, presumed: ConnectFailure, end: MonotonicInstant)
        case waiting(until: MonotonicInstant)
        case established(NumericAddress, descriptor: Int32?)
        case recovering(Recovering)
        case finished
    }

    private var configuration: Configuration
    private var phase = Phase.idle
    private var backoff: Backoff<SplitMix64>
    private var attemptEnd: MonotonicInstant
    private var addressesLeft: [NumericAddress] = []
    /// An attempt ended on a disconnect: libzmq's announcement of a retry may still be on its way to us.
    private var mayHearOfOldRetry = false
    private var actions: [Action] = []
    /// Connections to the address beside the one that counts.
    ///
    /// An attempt that was given up ends when the socket has worked through what its end needs, and may connect until
    /// then. Its connection ends without a word of libzmq's, so nobody can say which of two is whose: the end of either
    /// is taken for the end of the link, and an end that is none is noticed by libzmq's silence afterwards.
    private var otherDescriptors: Set<Int32> = []

    /// Attempts since the start or since the link was last up.
    private(set) var attempt = 0
    /// Attempts since the start.
    private(set) var totalAttempts = 0
    /// The attempt is made with keys or a password, which a peer may reject by breaking off without a word.
    var isSecured = false
    /// Why the last attempt that ended failed.
    private(set) var lastFailure: ConnectFailure?
    private(set) var hasBeenEstablished = false

    init(_ configuration: Configuration) {
        self.configuration = configuration
        backoff = Backoff(policy: configuration.policy)
        attemptEnd = MonotonicInstant(nanoseconds: 0)
    }

    // MARK: What others may know

    var isEstablished: Bool {
        if case .established = phase { true } else { false }
    }

    /// An attempt is under way whose pipe is thrown away if it fails: nothing may be sent into it.
    var isAttempting: Bool {
        if case .connecting = phase { true } else { false }
    }

    /// It is being made again, and may turn out to be somewhere else: what is sent to it now could be lost.
    var mayMove: Bool {
        if case .recovering(let recovering) = phase { recovering.name != nil } else { false }
    }

    /// The address libzmq has been told to connect to, if any.
    var currentAddress: NumericAddress? {
        switch phase {
        case .connecting(let attempting): attempting.address
        case .established(let address, _): address
        case .recovering(let recovering): recovering.address
        case .idle, .resolving, .scouting, .investigating, .waiting, .finished: nil
        }
    }

    /// The descriptor of the established connection.
    var currentDescriptor: Int32? {
        if case .established(_, let descriptor) = phase { descriptor } else { nil }
    }

    /// When the machine wants to hear `timer`.
    var nextTimer: MonotonicInstant? {
        switch phase {
        case .idle, .established, .finished: nil
        case .resolving(let end): end
        case .connecting(let attempting):
            min(attempting.end, attempting.suspicionAt ?? attempting.end)
        case .scouting(_, let end), .investigating(_, _, let end): end
        case .waiting(let until): until
        case .recovering(let recovering):
            [recovering.announcementBy, recovering.name?.nextTimer(canLook: !recovering.isProbing)]
                .compactMap { $0 }.min()
        }
    }

    /// The caller of a verified connect waits until then.
    mutating func setDeadline(_ deadline: Deadline) {
        configuration.deadline = deadline
    }

    /// Somebody wants the link in the background, too: it goes on whatever becomes of the caller who waits.
    mutating func goOnInBackground() {
        configuration.mode = .background
        configuration.deadline = nil
    }

    /// What to say when the caller's deadline comes now.
    var failureAtDeadline: ConnectFailure {
        switch phase {
        // One that was accepted a moment ago is no reason to forget how the attempt before ended.
        case .connecting(let attempting)
        where attempting.descriptor != nil && (attempting.suspicionAt == nil || lastFailure == nil):
            .silent
        case .investigating(_, let presumed, _): presumed
        case .resolving where lastFailure == nil:
            ConnectFailure(code: .resolve, reason: "the name service has not answered yet")
        default: lastFailure ?? .noAnswer
        }
    }

    /// The caller of a verified connect waits only until the link is up for the first time.
    private var callersDeadline: Deadline? {
        hasBeenEstablished ? nil : configuration.deadline
    }

    // MARK: The one door

    mutating func handle(_ input: Input, now: MonotonicInstant) -> [Action] {
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
            let failure = verdict.refine(ConnectFailure(connectErrno: ECONNREFUSED))
            reportRecoveryFailure(&recovering, failure)
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

    /// Ends a verified connect whose time is over. False while there is time.
    private mutating func endAtDeadline(_ now: MonotonicInstant) -> Bool {
        guard let deadline = callersDeadline, deadline.hasPassed(at: now) else { return false }
        actions.append(.cancelProbe)
        actions.append(.finish(lastFailure ?? failureAtDeadline))
        phase = .finished
        return true
    }

    /// - Parameter addresses: where the name is, if that is known.
    private mutating func beginAttempt(_ now: MonotonicInstant, at addresses: [NumericAddress]? = nil) {
        guard !endAtDeadline(now) else { return }
        attempt += 1
        totalAttempts += 1
        actions.append(.report(SocketEvent(.connecting, attempt: attempt)))

        attemptEnd = now.advanced(byNanoseconds: attemptTime)
        if let deadline = callersDeadline {
            let isBounded = configuration.policy.attemptTimeout > .zero
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
    private var attemptTime: Int64 {
        let bound = configuration.policy.attemptTimeout.clampedNanoseconds
        return bound > 0 ? bound : Self.attemptLimit
    }

    /// Goes on with the attempt at the next address, or ends it with `failure` when there is none.
    private mutating func connectToNextAddress(
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

    private mutating func connect(to address: NumericAddress, until end: MonotonicInstant, _ now: MonotonicInstant) {
        phase = .connecting(Attempting(address: address, start: now, end: end))
        otherDescriptors = []
        actions.append(.connect(address, until: end))
    }

    private mutating func handle(_ signal: Signal, _ current: Attempting, _ now: MonotonicInstant) {
        var attempting = current
        switch signal {
        case .connectDelayed:
            attempting.isUnderWay = true
            mayHearOfOldRetry = false
        case .connected(let descriptor) where attempting.isUnderWay || attempting.address.family == AF_UNIX:
            attempting.isUnderWay = true
            if let former = attempting.descriptor, former != descriptor { otherDescriptors.insert(former) }
            attempting.descriptor = descriptor
            let patience = min(attempting.end.nanoseconds(since: now) / 2, Self.suspicionLimit)
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
            if let failure = attempting.handshakeFailure {
                if isSecured, ConnectFailure(failure).code == .peerLost {
                    return investigate(attempting.address, presumed: .keyRejected, now)
                }
                return connectToNextAddress(now, failure: ConnectFailure(failure))
            }
            return investigate(attempting.address, presumed: .handshakeRejected, now)
        default:
            break
        }
        phase = .connecting(attempting)
    }

    private mutating func abandon(_ address: NumericAddress) {
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

    private mutating func attemptFailed(
        _ failure: ConnectFailure,
        _ now: MonotonicInstant,
        retriesAtOnce: Bool = false
    ) {
        lastFailure = failure
        report(failure)
        guard !endAtDeadline(now) else { return }
        let limit = configuration.policy.maxAttempts
        let isLast = limit > 0 && attempt >= limit
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

    private mutating func waitForNextAttempt(_ delay: Int64, _ now: MonotonicInstant) {
        actions.append(.report(SocketEvent(.retryIn, attempt: attempt + 1, delay: .nanoseconds(delay))))
        phase = .waiting(until: now.advanced(byNanoseconds: delay))
    }

    private mutating func report(_ failure: ConnectFailure) {
        actions.append(.report(SocketEvent(.failed, failure, attempt: attempt)))
    }

    private mutating func establish(_ address: NumericAddress, _ descriptor: Int32?, _ now: MonotonicInstant) {
        let event = SocketEvent(.handshaken, attempt: attempt)
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

    // MARK: A link that has been up

    private mutating func handle(
        _ signal: Signal,
        establishedAt address: NumericAddress,
        _ descriptor: Int32?,
        _ now: MonotonicInstant
    ) {
        switch signal {
        case .connected(let new) where new != descriptor:
            if let descriptor { otherDescriptors.insert(descriptor) }
            phase = .established(address, descriptor: new)
            actions.append(.moved)
        case .disconnected(let gone) where gone == descriptor || otherDescriptors.contains(gone):
            otherDescriptors = []
            actions.append(.lost)
            actions.append(
                .report(SocketEvent(.lost, code: .peerLost, message: "the connection to the peer is lost"))
            )
            attempt = 0
            guard configuration.keepsPipe else {
                abandon(address)
                mayHearOfOldRetry = true
                return waitForNextAttempt(backoff.nextNanoseconds(), now)
            }
            var recovering = Recovering(address: address)
            recovering.announcementBy = now.advanced(byNanoseconds: Self.revivalLimit)
            if configuration.address == nil {
                // libzmq is at it meanwhile, so a peer that is where it was is not kept waiting.
                recovering.name = NameRecovery(of: address, othersFrom: now.advanced(byNanoseconds: attemptTime))
                actions.append(.resolve)
            }
            phase = .recovering(recovering)
        default:
            break
        }
    }

    private mutating func handle(_ signal: Signal, _ current: Recovering, _ now: MonotonicInstant) {
        var recovering = current
        switch signal {
        case .connectRetried(let milliseconds):
            recovering.announcementBy = nil
            recovering.isReported = false
            if recovering.isProbing {
                recovering.heldDelay = milliseconds
            } else {
                reportRetry(milliseconds)
            }
        case .connectDelayed:
            reportRecoveryAttempt(&recovering)
        case .connected(let descriptor):
            reportRecoveryAttempt(&recovering)
            recovering.descriptor = descriptor
            recovering.handshakeFailure = nil
        case .closed:
            reportRecoveryAttempt(&recovering)
            guard recovering.name?.isLooking != true else {
                // The one probe there can be is at another address; the usual reason will do.
                reportRecoveryFailure(&recovering, ConnectFailure(connectErrno: ECONNREFUSED))
                break
            }
            recovering.isProbing = true
            let end = now.advanced(byNanoseconds: Self.probeLimit)
            actions.append(.probe(recovering.address, until: end))
        case .handshakeFailed(let failure):
            recovering.handshakeFailure = failure
        case .handshakeSucceeded where recovering.descriptor != nil:
            return establish(recovering.address, recovering.descriptor, now)
        case .disconnected(let descriptor) where descriptor == recovering.descriptor:
            let failure = recovering.handshakeFailure.map { ConnectFailure($0) } ?? .handshakeRejected
            recovering.descriptor = nil
            guard failure.code.isRetryable else {
                giveUp(recovering.address)
                return attemptFailed(failure, now)
            }
            lastFailure = failure
            report(failure)
            recovering.announcementBy = now.advanced(byNanoseconds: Self.revivalLimit)
        default:
            break
        }
        phase = .recovering(recovering)
    }

    /// libzmq has begun its next attempt.
    private mutating func reportRecoveryAttempt(_ recovering: inout Recovering) {
        guard !recovering.isReported else { return }
        if recovering.isProbing {
            // The probe was slower than the back-off; the usual reason will do.
            actions.append(.cancelProbe)
            reportRecoveryFailure(&recovering, ConnectFailure(connectErrno: ECONNREFUSED))
        }
        recovering.isReported = true
        recovering.announcementBy = nil
        attempt += 1
        totalAttempts += 1
        actions.append(.report(SocketEvent(.connecting, attempt: attempt)))
    }

    private mutating func reportRecoveryFailure(_ recovering: inout Recovering, _ failure: ConnectFailure) {
        recovering.isProbing = false
        lastFailure = failure
        report(failure)
        if let held = recovering.heldDelay {
            recovering.heldDelay = nil
            reportRetry(held)
        }
    }

    private mutating func reportRetry(_ milliseconds: Int32) {
        actions.append(.report(SocketEvent(.retryIn, attempt: attempt + 1, delay: .milliseconds(milliseconds))))
    }

    /// libzmq has given the endpoint up, and what is queued for it with it.
    private mutating func giveUp(_ address: NumericAddress) {
        abandon(address)
        actions.append(.report(.queueDropped(at: address, because: "the connection was given up")))
    }

    // MARK: A link by name that has been up

    /// The name service has answered: the link goes to where its name is today.
    private mutating func rejoin(
        _ current: Recovering,
        _ addresses: [NumericAddress],
        failure: ConnectFailure? = nil,
        _ now: MonotonicInstant
    ) {
        var recovering = current
        let next = now.advanced(byNanoseconds: backoff.nextNanoseconds())
        let hasMoved = recovering.name?.resolved(addresses, next: next) ?? false
        if let failure, recovering.name?.isFirstFailure() == true { report(failure) }
        phase = .recovering(recovering)
        if hasMoved { move(from: recovering.address, to: addresses, now) } else { lookAround(now) }
    }

    private mutating func move(from former: NumericAddress, to addresses: [NumericAddress], _ now: MonotonicInstant) {
        actions.append(.cancelProbe)
        actions.append(.leave(former))
        actions.append(.report(.queueDropped(at: former, because: "its name has another address now")))
        mayHearOfOldRetry = true
        backoff.reset()
        lastFailure = nil
        guard !configuration.hasOneQueue else {
            return waitForNextAttempt(max(Self.queueEnd, backoff.nextNanoseconds()), now)
        }
        beginAttempt(now, at: addresses)
    }

    /// Looks at the next of the name's other addresses, if the present one has had its time.
    private mutating func lookAround(_ now: MonotonicInstant) {
        guard case .recovering(var recovering) = phase, !recovering.isProbing else { return }
        guard let other = recovering.name?.nextToLookAt(now) else { return }
        phase = .recovering(recovering)
        actions.append(.probe(other, until: now.advanced(byNanoseconds: Self.probeLimit)))
    }

    // MARK: Time

    private mutating func handleTimer(_ now: MonotonicInstant) {
        guard let due = nextTimer, now >= due else { return }
        switch phase {
        case .resolving:
            attemptFailed(ConnectFailure(code: .resolve, reason: "the name service did not answer in time"), now)
        case .connecting(var attempting):
            if now < attempting.end {
                attempting.suspicionAt = nil
                phase = .connecting(attempting)
                let end = min(attempting.end, now.advanced(byNanoseconds: Self.probeLimit))
                actions.append(.probe(attempting.address, until: end))
            } else {
                abandon(attempting.address)
                connectToNextAddress(now, failure: failure(of: attempting, now))
            }
        case .scouting:
            actions.append(.cancelProbe)
            connectToNextAddress(now, failure: lastFailure ?? .noAnswer)
        case .investigating(_, let presumed, _):
            actions.append(.cancelProbe)
            connectToNextAddress(now, failure: presumed)
        case .waiting:
            beginAttempt(now)
        case .recovering(var recovering):
            guard let limit = recovering.announcementBy, now >= limit else {
                if recovering.name?.isToResolve(now) == true { actions.append(.resolve) }
                phase = .recovering(recovering)
                return lookAround(now)
            }
            // No announcement: libzmq has given the endpoint up, and would ignore another connect to it.
            giveUp(recovering.address)
            attemptFailed(lastFailure ?? .brokenOff(errno: 0), now)
        case .idle, .established, .finished:
            break
        }
    }

    /// What an attempt that has come to its end says.
    private func failure(of attempting: Attempting, _ now: MonotonicInstant) -> ConnectFailure {
        // One that the caller's deadline cut short knows less than the one before.
        let isCutShort =
            now.nanoseconds(since: attempting.start) < Self.suspicionLimit
            && callersDeadline?.hasPassed(at: now) == true
        if isCutShort, let lastFailure, attempting.descriptor == nil || attempting.suspicionAt != nil {
            return lastFailure
        }
        return attempting.descriptor == nil ? .noAnswer : .silent
    }

    private mutating func stop() {
        if isEstablished { actions.append(.ended) }
        if let address = currentAddress {
            abandon(address)
        } else {
            actions.append(.cancelProbe)
        }
        phase = .finished
    }
}
