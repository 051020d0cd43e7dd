// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// Which connection is whose, of one socket.
///
/// libzmq's question names an address, and its events a descriptor or nothing at all. Over CURVE a handshake is done as
/// soon as libzmq has read our yes, whatever the peer does; so they go out one by one, and the next handshake that is
/// done belongs to the last yes. Whose connection it is, of several from one address, the kernel tells: nothing but
/// READY, or a short ERROR, is written behind WELCOME. (Over ipc it does not; there it has to be the only one.) Where
/// that can not be told, nothing is said of the connection: never a guess. Nobody can make the others wait for that: a
/// turn in which a connection ends, which may have been the one, is over soon, and what is left of it is in doubt. When
/// many wait they are let in together, and only who is alone at his place is known.
struct AdmissionQueue {
    typealias Candidate = AdmissionCandidate

    /// A yes on its way.
    struct Turn {
        let peer: AdmittedPeer
        let origin: PeerOrigin
        let number: UInt64
        fileprivate(set) var candidates: [Candidate]
        /// One of them has ended since the yes went out.
        fileprivate(set) var hasLost = false
        /// The handshake is done.
        fileprivate(set) var isDone = false
        /// The one connection that can have done it, where there is only one.
        fileprivate(set) var only: Candidate?
        /// How often it has been looked whose it was.
        fileprivate(set) var looks = 0
        /// It is not waited for long.
        fileprivate(set) var isHurried = false
        fileprivate(set) var mustEnd = false
    }

    private struct Known {
        let cookie: UInt64
        let peer: AdmittedPeer
    }

    enum Resolution: Equatable {
        /// It is that connection, which is to be ended if `mustEnd`.
        case found(Candidate, mustEnd: Bool)
        /// Nothing has been written yet: look again.
        case lookAgain
        /// It can not be told; these are to be ended, as one of them may be somebody's who is not allowed any more.
        case unknown(mustEnd: [Candidate])
    }

    /// What becomes of a turn when a connection ends.
    enum Aftermath: Equatable {
        case none
        case over
        /// Its yes may have gone with the connection. It need not wait much longer for its handshake.
        case disturbed
    }

    /// READY has no less.
    static let leastREADY: Int64 = HandshakeSize.curveServer.answer?.least ?? 0
    /// Looks, a millisecond apart, and how many where it may be in vain.
    private static let mostLooks = 200
    private static let mostLooksInVain = 5
    /// So many wait that they are let in all at once: to look whose connection is whose takes longer with each of them.
    private static let crowd = 32
    /// By then libzmq has ended a handshake whose yes was not heard, in nanoseconds.
    private static let longestHandshake: Int64 = 5_500 * nanosecondsPerMillisecond

    private var waiting: Deque<Admission> = []
    private(set) var turn: Turn?
    /// Until then what is heard may be of a turn that was given up with nothing heard of it.
    private var unheardUntil: MonotonicInstant?
    private var doubts = AdmissionDoubts()
    private var lastNumber: UInt64 = 0
    private var known: [Int32: Known] = [:]

    // MARK: Turns

    mutating func wait(_ admission: Admission) { waiting.append(admission) }

    /// The next one, if it can begin.
    mutating func takeNext() -> Admission? { turn == nil ? waiting.popFirst() : nil }

    /// How many want to come in from there: whose turn it is, and who waits.
    func askers(from origin: PeerOrigin) -> Int {
        (turn?.origin == origin ? 1 : 0) + waiting.count { $0.origin == origin }
    }

    /// More want to come in than are there, so the one whose turn it is may be gone.
    ///
    /// - Returns: whether that is new.
    mutating func hurry() -> Bool {
        guard let turn, !turn.isDone, !turn.isHurried else { return false }
        self.turn?.isHurried = true
        return true
    }

    /// Others wait for their turn, and many.
    var isCrowded: Bool { waiting.count >= Self.crowd }

    /// Everybody who waits is about to be told yes.
    ///
    /// - Parameter candidates: for a place, who is there.
    mutating func takeAll(
        now: MonotonicInstant,
        _ candidates: (PeerOrigin) -> [Candidate]
    ) -> [Admission] {
        let all = Array(waiting)
        waiting.removeAll()
        unheardUntil = now.advanced(byNanoseconds: Self.longestHandshake)
        for (origin, admissions) in Dictionary(grouping: all, by: \.origin) {
            let candidates = candidates(origin)
            if let only = candidates.first, candidates.count == 1, admissions.count == 1, !doubts.has(only) {
                note(admissions[0].peer, of: only)
            } else {
                for admission in admissions { doubts.add(admission.peer.publicKey, from: origin, candidates) }
            }
        }
        return all
    }

    /// A yes is about to go out.
    ///
    /// - Returns: the number of the turn.
    mutating func begin(_ peer: AdmittedPeer, from origin: PeerOrigin, _ candidates: [Candidate]) -> UInt64 {
        lastNumber += 1
        turn = Turn(peer: peer, origin: origin, number: lastNumber, candidates: candidates)
        return lastNumber
    }

    /// The yes did not go out.
    mutating func endTurn() { turn = nil }

    /// Nothing has been heard of the yes for long, or it is not to be waited for.
    ///
    /// - Returns: what is to be ended, as one of them may be somebody's who is not allowed any more.
    mutating func giveUpTurn(now: MonotonicInstant) -> [Candidate] {
        guard let turn else { return [] }
        self.turn = nil
        if !turn.isDone { unheardUntil = now.advanced(byNanoseconds: Self.longestHandshake) }
        return doubt(turn, turn.candidates)
    }

    private mutating func doubt(_ turn: Turn, _ candidates: [Candidate]) -> [Candidate] {
        doubts.add(turn.peer.publicKey, from: turn.origin, candidates)
        return turn.mustEnd ? candidates : []
    }

    /// A handshake is done.
    ///
    /// - Parameter only: the one connection that can have done it; nil if there are several.
    /// - Returns: whose it is; nil if that can not be told.
    mutating func succeeded(now: MonotonicInstant, only: Candidate? = nil) -> AdmittedPeer? {
        if let end = unheardUntil, end <= now { unheardUntil = nil }
        guard let turn, !turn.isDone else { return nil }
        self.turn?.isDone = true
        guard unheardUntil == nil else { return nil }
        self.turn?.only = only
        return turn.peer
    }

    /// Looks whose connection it is, once the handshake is done; that ends the turn unless it is to be looked again.
    ///
    /// - Parameter written: what has been written to a connection by now.
    mutating func resolve(written: (Candidate) -> Int64?) -> Resolution {
        guard var turn, turn.isDone else { return .unknown(mustEnd: []) }
        turn.looks += 1
        // Nothing need be looked for where there is only one. It may be gone before that can be seen.
        var grown = turn.only.map { [$0] } ?? turn.candidates
        if turn.only == nil, turn.candidates.contains(where: { $0.written != nil }) {
            grown = turn.candidates.filter { candidate in
                guard let before = candidate.written, let now = written(candidate) else { return false }
                return now - before >= Self.leastREADY
            }
            if grown.isEmpty, turn.looks < looks(turn) {
                self.turn = turn
                return .lookAgain
            }
        }
        self.turn = nil
        guard grown.count == 1, let found = grown.first, !doubts.has(found) else {
            return .unknown(mustEnd: doubt(turn, grown.isEmpty ? turn.candidates : grown))
        }
        note(turn.peer, of: found)
        return .found(found, mustEnd: turn.mustEnd)
    }

    private func looks(_ turn: Turn) -> Int {
        turn.hasLost ? Self.mostLooksInVain : Self.mostLooks
    }

    // MARK: Connections

    mutating func note(_ peer: AdmittedPeer, of candidate: Candidate) {
        known[candidate.descriptor] = Known(cookie: candidate.cookie, peer: peer)
    }

    func peer(at descriptor: Int32) -> AdmittedPeer? { known[descriptor]?.peer }

    /// Another connection has the descriptor now, or none.
    mutating func forget(_ descriptor: Int32) -> Aftermath {
        known[descriptor] = nil
        doubts.forget(descriptor)
        guard var turn, turn.candidates.contains(where: { $0.descriptor == descriptor }) else { return .none }
        turn.candidates.removeAll { $0.descriptor == descriptor }
        guard !turn.candidates.isEmpty else {
            self.turn = nil
            return .over
        }
        let isFirst = !turn.hasLost
        turn.hasLost = true
        self.turn = turn
        return isFirst ? .disturbed : .none
    }

    /// The keys are not allowed any more.
    ///
    /// - Returns: the connections that were made with them, and those that may have been.
    mutating func end(_ keys: Set<ZMQCurvePublicKey>) -> [(descriptor: Int32, cookie: UInt64)] {
        func isMeant(_ peer: AdmittedPeer) -> Bool { peer.publicKey.map { keys.contains($0) } ?? false }
        if let turn, isMeant(turn.peer) { self.turn?.mustEnd = true }
        return known.filter { isMeant($0.value.peer) }.map { ($0.key, $0.value.cookie) }
            + doubts.connections(of: keys)
    }
}
