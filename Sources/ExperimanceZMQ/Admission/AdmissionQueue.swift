// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// Which connection is whose, of one socket.
///
/// libzmq's question names an address, and its events a descriptor or nothing at all. Over CURVE a handshake is done as
/// soon as libzmq has read our yes, whatever the peer does; so they go out one by one, and the next handshake that is
/// done belongs to the last yes. Whose connection it is, of several from one address, the kernel tells: nothing but
/// READY is written behind WELCOME. (Over ipc it does not; there it has to be the only one.) Where that can not be
/// told, nothing is said of the connection: never a guess.
struct AdmissionQueue {
    /// A connection that may be the one that libzmq asks for.
    struct Candidate: Equatable {
        let descriptor: Int32
        /// The kernel's name for it, as descriptors are used again.
        let cookie: UInt64
        /// Bytes that have been written to it; nil if that can not be known.
        let written: Int64?
    }

    /// A yes on its way.
    struct Turn {
        let peer: AdmittedPeer
        let number: UInt64
        fileprivate(set) var candidates: [Candidate]
        /// The handshake is done.
        fileprivate(set) var isDone = false
        /// How often it has been looked whose it was.
        fileprivate(set) var looks = 0
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
        case unknown
    }

    /// Looks, a millisecond apart.
    private static let mostLooks = 20

    private var waiting: Deque<Admission> = []
    private(set) var turn: Turn?
    /// Turns that were given up with nothing heard of them: what is heard later may be theirs.
    private var unheard: [Turn] = []
    private var lastNumber: UInt64 = 0
    private var known: [Int32: Known] = [:]
    /// Noes on their way, in their order.
    private var refusals: Deque<Refused> = []

    /// A peer that was told no.
    struct Refused: Equatable {
        let refusal: Refusal
        let key: ZMQCurvePublicKey?
    }

    /// More than are on their way at once: some of them have met nobody.
    private static let mostRefusals = 256

    // MARK: Noes

    mutating func note(_ refused: Refused) {
        if refusals.count >= Self.mostRefusals { refusals.removeFirst() }
        refusals.append(refused)
    }

    /// A handshake has failed for a no.
    ///
    /// - Returns: which one, as far as that is certain: of several that are on their way what all have in common.
    mutating func failed() -> Refused? {
        guard let first = refusals.popFirst() else { return nil }
        guard refusals.allSatisfy({ $0.refusal == first.refusal }) else { return nil }
        return refusals.allSatisfy { $0 == first } ? first : Refused(refusal: first.refusal, key: nil)
    }

    /// Nobody is in a handshake: what is on its way meets nobody.
    mutating func forgetRefusals() { refusals.removeAll() }

    // MARK: Turns

    mutating func wait(_ admission: Admission) { waiting.append(admission) }

    /// The next one, if it can begin.
    mutating func takeNext() -> Admission? { turn == nil ? waiting.popFirst() : nil }

    /// A yes is about to go out.
    ///
    /// - Returns: the number of the turn.
    mutating func begin(_ peer: AdmittedPeer, _ candidates: [Candidate]) -> UInt64 {
        lastNumber += 1
        turn = Turn(peer: peer, number: lastNumber, candidates: candidates)
        return lastNumber
    }

    /// The yes did not go out.
    mutating func endTurn() { turn = nil }

    /// Nothing has been heard of the yes for long.
    mutating func giveUpTurn() {
        guard let turn else { return }
        self.turn = nil
        if !turn.isDone, !turn.candidates.isEmpty { unheard.append(turn) }
    }

    /// A handshake is done.
    ///
    /// - Returns: whose it is; nil if that can not be told.
    mutating func succeeded() -> AdmittedPeer? {
        guard let turn, !turn.isDone else { return nil }
        self.turn?.isDone = true
        return unheard.isEmpty ? turn.peer : nil
    }

    /// Looks whose connection it is, once the handshake is done; that ends the turn unless it is to be looked again.
    ///
    /// - Parameter written: what has been written to a connection by now.
    mutating func resolve(written: (Candidate) -> Int64?) -> Resolution {
        guard var turn, turn.isDone else { return .unknown }
        turn.looks += 1
        let others = unheard.flatMap(\.candidates).map(\.cookie)
        let candidates = turn.candidates.filter { !others.contains($0.cookie) }
        var found: Candidate?
        if candidates.count == 1, others.isEmpty, candidates.allSatisfy({ $0.written == nil }) {
            found = candidates.first
        } else if !candidates.isEmpty, candidates.allSatisfy({ $0.written != nil }) {
            let grown = candidates.filter { candidate in
                guard let before = candidate.written, let now = written(candidate) else { return false }
                return now > before
            }
            found = grown.count == 1 ? grown.first : nil
            if grown.isEmpty, turn.looks < Self.mostLooks {
                self.turn = turn
                return .lookAgain
            }
        }
        self.turn = nil
        guard let found else { return .unknown }
        note(turn.peer, of: found)
        return .found(found, mustEnd: turn.mustEnd)
    }

    // MARK: Connections

    mutating func note(_ peer: AdmittedPeer, of candidate: Candidate) {
        known[candidate.descriptor] = Known(cookie: candidate.cookie, peer: peer)
    }

    func peer(at descriptor: Int32) -> AdmittedPeer? { known[descriptor]?.peer }

    /// Another connection has the descriptor now, or none.
    ///
    /// - Returns: whether a turn is over with it.
    mutating func forget(_ descriptor: Int32) -> Bool {
        known[descriptor] = nil
        for index in unheard.indices { unheard[index].candidates.removeAll { $0.descriptor == descriptor } }
        unheard.removeAll(where: \.candidates.isEmpty)
        guard var turn, turn.candidates.contains(where: { $0.descriptor == descriptor }) else { return false }
        turn.candidates.removeAll { $0.descriptor == descriptor }
        self.turn = turn.candidates.isEmpty && !turn.isDone ? nil : turn
        return self.turn == nil
    }

    /// The keys are not allowed any more.
    ///
    /// - Returns: the connections that were made with them.
    mutating func end(_ keys: Set<ZMQCurvePublicKey>) -> [(descriptor: Int32, cookie: UInt64)] {
        func isMeant(_ peer: AdmittedPeer) -> Bool { peer.publicKey.map { keys.contains($0) } ?? false }
        if let turn, isMeant(turn.peer) { self.turn?.mustEnd = true }
        return known.filter { isMeant($0.value.peer) }.map { ($0.key, $0.value.cookie) }
    }
}
