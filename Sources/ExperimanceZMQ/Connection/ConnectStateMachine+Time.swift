// SPDX-License-Identifier: Apache-2.0

/// What the passing of time does: the patience of the caller, the machine's timer, and the end.
extension ConnectStateMachine {
    // MARK: The patience of the caller

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
        case .investigating(_, let presumed, _): unconfirmed(presumed)
        case .resolving where lastFailure == nil:
            ConnectFailure(code: .resolve, reason: "the name service has not answered yet")
        default: lastFailure ?? .noAnswer
        }
    }

    /// The caller of a verified connect waits only until the link is up for the first time.
    var callersDeadline: Deadline? {
        hasBeenEstablished ? nil : configuration.deadline
    }

    /// Ends a verified connect whose time is over. False while there is time.
    mutating func endAtDeadline(_ now: MonotonicInstant) -> Bool {
        guard let deadline = callersDeadline, deadline.hasPassed(at: now) else { return false }
        actions.append(.cancelProbe)
        actions.append(.finish(lastFailure ?? failureAtDeadline))
        phase = .finished
        return true
    }

    // MARK: The timer

    mutating func handleTimer(_ now: MonotonicInstant) {
        guard let due = phase.nextTimer, now >= due else { return }
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
            connectToNextAddress(now, failure: unconfirmed(presumed))
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
            attemptFailed(recovering.presumed ?? lastFailure ?? .brokenOff(errno: 0), now)
        case .idle, .established, .finished:
            break
        }
    }

    /// What is said of an attempt that nobody has found the reason of in time, as a busy machine or the deadline has
    /// it.
    ///
    /// That nobody listens is the usual reason why no connection was made, and no more than a guess. What was found of
    /// the attempt before, that the host can not be reached for one, is better.
    func unconfirmed(_ presumed: ConnectFailure) -> ConnectFailure {
        guard presumed.code == .refused, let lastFailure else { return presumed }
        return lastFailure
    }

    /// What an attempt that has come to its end says.
    private func failure(of attempting: ConnectAttempt, _ now: MonotonicInstant) -> ConnectFailure {
        // One that the caller's deadline cut short knows less than the one before.
        let isCutShort =
            now.nanoseconds(since: attempting.start) < Self.suspicionLimit
            && callersDeadline?.hasPassed(at: now) == true
        if isCutShort, let lastFailure, attempting.descriptor == nil || attempting.suspicionAt != nil {
            return lastFailure
        }
        return attempting.descriptor == nil ? .noAnswer : .silent
    }

    mutating func stop() {
        if phase.isEstablished { actions.append(.ended) }
        if let address = phase.address {
            abandon(address)
        } else {
            actions.append(.cancelProbe)
        }
        phase = .finished
    }
}
