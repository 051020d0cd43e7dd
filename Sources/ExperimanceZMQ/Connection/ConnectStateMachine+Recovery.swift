// SPDX-License-Identifier: Apache-2.0

import LibC

/// A link that has been up: libzmq makes it again, and the machine watches.
extension ConnectStateMachine {
    // MARK: A link that has been up

    mutating func handle(
        _ signal: MonitorEvent.Kind,
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
                .report(ZMQEvent(.lost, code: .peerLost, message: "the connection to the peer is lost"))
            )
            attempt = 0
            guard configuration.keepsPipe else {
                abandon(address)
                mayHearOfOldRetry = true
                return waitForNextAttempt(backoff.nextNanoseconds(), now)
            }
            var recovering = ConnectRecovery(address: address)
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

    mutating func handle(_ signal: MonitorEvent.Kind, _ current: ConnectRecovery, _ now: MonotonicInstant) {
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
            investigate(&recovering, presumed: ConnectFailure(connectErrno: ECONNREFUSED), now)
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
            recovering.announcementBy = now.advanced(byNanoseconds: Self.revivalLimit)
            if failure.code == .peerLost {
                // Whom this socket does not suit breaks off without a word.
                investigate(&recovering, presumed: failure, now)
            } else {
                lastFailure = failure
                report(failure)
            }
        default:
            break
        }
        phase = .recovering(recovering)
    }

    /// libzmq has begun its next attempt.
    mutating func reportRecoveryAttempt(_ recovering: inout ConnectRecovery) {
        guard !recovering.isReported else { return }
        if recovering.isProbing {
            // The probe was slower than the back-off; what seems to be the reason will do.
            actions.append(.cancelProbe)
            reportRecoveryFailure(&recovering)
        }
        recovering.isReported = true
        recovering.announcementBy = nil
        attempt += 1
        totalAttempts += 1
        actions.append(.report(ZMQEvent(.connecting, attempt: attempt)))
    }

    /// An attempt of libzmq's has failed, and a probe is to find out why.
    private mutating func investigate(
        _ recovering: inout ConnectRecovery,
        presumed: ConnectFailure,
        _ now: MonotonicInstant
    ) {
        recovering.presumed = presumed
        // The one probe there can be is at another address.
        guard recovering.name?.isLooking != true else { return reportRecoveryFailure(&recovering) }
        actions.append(.probe(recovering.address, until: now.advanced(byNanoseconds: Self.probeLimit)))
    }

    /// - Parameter verdict: what a probe has found; nil if there was none.
    mutating func reportRecoveryFailure(_ recovering: inout ConnectRecovery, in verdict: ProbeVerdict? = nil) {
        guard let presumed = recovering.presumed else { return }
        recovering.presumed = nil
        // One that is there, and speaks the same mechanism, has broken off for the keys.
        let isOfKeys = isSecured && presumed.code == .peerLost
        let failure = verdict?.refine(isOfKeys ? .keyRejected : presumed) ?? unconfirmed(presumed)
        lastFailure = failure
        report(failure)
        if let held = recovering.heldDelay {
            recovering.heldDelay = nil
            reportRetry(held)
        }
    }

    private mutating func reportRetry(_ milliseconds: Int32) {
        actions.append(.report(ZMQEvent(.retryIn, attempt: attempt + 1, delay: .milliseconds(milliseconds))))
    }

    /// libzmq has given the endpoint up, and what is queued for it with it.
    mutating func giveUp(_ address: NumericAddress) {
        abandon(address)
        actions.append(.report(.queueDropped(at: address, because: "the connection was given up")))
    }

    // MARK: A link by name that has been up

    /// The name service has answered: the link goes to where its name is today.
    mutating func rejoin(
        _ current: ConnectRecovery,
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

    mutating func move(from former: NumericAddress, to addresses: [NumericAddress], _ now: MonotonicInstant) {
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
    mutating func lookAround(_ now: MonotonicInstant) {
        guard case .recovering(var recovering) = phase, !recovering.isProbing else { return }
        guard let other = recovering.name?.nextToLookAt(now) else { return }
        phase = .recovering(recovering)
        actions.append(.probe(other, until: now.advanced(byNanoseconds: Self.probeLimit)))
    }
}
