// SPDX-License-Identifier: Apache-2.0

/// What a link by name knows of its name while libzmq re-connects it to the address it had.
///
/// That address may be somebody else's by now, or nobody's: a service that is started anew elsewhere keeps its name and
/// nothing else. So the name is resolved when the link is lost, and again after the policy's delays for as long as it
/// takes. The address is left when the name does not stand for it any more; and when it has had the time of an attempt
/// in vain, for one of the name's other addresses where a peer is found. A name that does not resolve says nothing.
struct NameRecovery: Sendable {
    private let present: NumericAddress
    /// Until then the other addresses have to wait: the peer may be about to come back to this one, where its queue is.
    private let othersFrom: MonotonicInstant
    /// Nil while an answer is awaited.
    private var nextResolution: MonotonicInstant?
    /// The name's other addresses that are still to be looked at.
    private var others: [NumericAddress] = []
    /// Those, and the ones that have been looked at since the round began.
    private var round: [NumericAddress] = []
    /// A probe is at this one.
    private var lookingAt: NumericAddress?
    private var hasFailed = false

    /// The link has been lost, and its name is being resolved.
    init(of present: NumericAddress, othersFrom: MonotonicInstant) {
        self.present = present
        self.othersFrom = othersFrom
    }

    var isLooking: Bool { lookingAt != nil }

    /// When something is to be done.
    ///
    /// - Parameter canLook: no probe is at work for somebody else.
    func nextTimer(canLook: Bool) -> MonotonicInstant? {
        let look = canLook && lookingAt == nil && !others.isEmpty ? othersFrom : nil
        return [nextResolution, look].compactMap { $0 }.min()
    }

    /// - Parameters:
    ///   - addresses: none if it could not be resolved.
    ///   - next: when it is to be resolved again.
    /// - Returns: whether the name stands for other addresses only.
    mutating func resolved(_ addresses: [NumericAddress], next: MonotonicInstant) -> Bool {
        nextResolution = next
        guard !addresses.isEmpty else { return false }
        // Answers that come faster than probes must not begin the round again and again.
        if others.isEmpty, lookingAt == nil { round = [] }
        let added = addresses.filter { $0 != present && !round.contains($0) }
        others = others.filter { addresses.contains($0) } + added
        round += added
        return !addresses.contains(present)
    }

    /// It can not be resolved, which is worth a word once.
    mutating func isFirstFailure() -> Bool {
        defer { hasFailed = true }
        return !hasFailed
    }

    /// Whether it is time to resolve the name again.
    mutating func isToResolve(_ now: MonotonicInstant) -> Bool {
        guard let next = nextResolution, now >= next else { return false }
        nextResolution = nil
        return true
    }

    /// The address that a probe is to look at now.
    mutating func nextToLookAt(_ now: MonotonicInstant) -> NumericAddress? {
        guard now >= othersFrom, lookingAt == nil, !others.isEmpty else { return nil }
        lookingAt = others.removeFirst()
        return lookingAt
    }

    mutating func foundNobody() { lookingAt = nil }

    /// A peer was found where the probe is: that address, and then those that have not been looked at.
    func addressesWithFound() -> [NumericAddress]? {
        lookingAt.map { [$0] + others }
    }
}
