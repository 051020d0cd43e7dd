// SPDX-License-Identifier: Apache-2.0

/// Which connection has asked whether it may come in, of a socket without keys.
///
/// A question names an address. Each connection asks once, so a question is one's of those from there that have not
/// asked yet: where there is one alone it is that one's. Its yes is then known to be that connection's, whatever
/// comes and goes meanwhile. A connection that is gone may have left a question behind that nobody has read: until that
/// can not be any more, nobody is named.
struct AdmissionAskers {
    /// The kernel's names of those that have asked, by their descriptors.
    private var asked: [Int32: UInt64] = [:]
    /// How many may have left a question behind, by where they were; nil for who was gone too soon to be looked at.
    private var gone: [PeerOrigin?: Int] = [:]
    /// What a monitor has said is not all heard of yet.
    var isBehind = false

    /// A question has come.
    ///
    /// - Parameter possible: the connections from there whose handshake is not known to be done.
    /// - Returns: whose it is; nil if that can not be told.
    mutating func ask(from origin: PeerOrigin, _ possible: [AdmissionCandidate]) -> AdmissionCandidate? {
        let free = possible.filter { asked[$0.descriptor] != $0.cookie }
        guard !isBehind, gone[nil] == nil, gone[origin] == nil, free.count == 1, free[0].cookie != 0 else { return nil }
        asked[free[0].descriptor] = free[0].cookie
        return free[0]
    }

    /// Another connection has the descriptor now, or none.
    ///
    /// - Returns: whether the former one is known to have asked.
    mutating func forget(_ descriptor: Int32) -> Bool { asked.removeValue(forKey: descriptor) != nil }

    /// One is gone that is not known to have asked.
    mutating func mayHaveAsked(from origin: PeerOrigin?) { gone[origin, default: 0] += 1 }

    /// Whatever it may have asked has been read.
    mutating func hasBeenRead(from origin: PeerOrigin?) {
        gone[origin] = gone[origin].flatMap { $0 > 1 ? $0 - 1 : nil }
    }
}
