// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// Noes, and whose connections they were about.
///
/// libzmq says when one has been heard, and later which connection has ended: at once where the peer goes, or when it
/// has had the time for a handshake. Others come and go meanwhile. So each no is kept with the connections that may be
/// the one, until one of them ends that has become no peer.
struct RefusedConnections {
    /// A peer that was told no, as far as it is known why, and which.
    struct Refused: Equatable {
        let refusal: Refusal?
        let key: ZMQCurvePublicKey?
    }

    private struct No {
        let refused: Refused
        var candidates: Set<Int32>
    }

    /// More than there are connections in their handshake: some have met nobody, as the peer was first to break off.
    private static let most = 512

    private var noes: Deque<No> = []
    /// How many of them have been heard.
    private var heard = 0

    /// A no is about to go out, to one of these.
    mutating func add(_ refused: Refused, _ candidates: [Int32]) {
        guard !candidates.isEmpty else { return }
        if noes.count >= Self.most { noes.removeFirst() }
        noes.append(No(refused: refused, candidates: Set(candidates)))
        heard = min(heard, noes.count)
    }

    /// libzmq tells that one has been heard.
    ///
    /// - Returns: those that were certainly told no.
    mutating func hear() -> [Int32] {
        heard = min(heard + 1, noes.count)
        guard heard == noes.count else { return [] }
        return noes.compactMap { $0.candidates.count == 1 ? $0.candidates.first : nil }
    }

    /// The connection is a peer, or another one with its descriptor.
    mutating func exclude(_ descriptor: Int32) { exclude { $0 == descriptor } }

    mutating func exclude(where isOther: (Int32) -> Bool) {
        for index in noes.indices { noes[index].candidates = noes[index].candidates.filter { !isOther($0) } }
        noes.removeAll { $0.candidates.isEmpty }
        heard = min(heard, noes.count)
    }

    /// A connection has ended that was no peer, and nothing else was the matter with it.
    ///
    /// - Returns: how it was told no, as far as that is certain; nil if it was not.
    mutating func end(_ descriptor: Int32) -> Refused? {
        defer { exclude(descriptor) }
        let possible = noes.indices.filter { noes[$0].candidates.contains(descriptor) }
        guard heard > 0, let first = possible.first else { return nil }
        let own = possible.first { noes[$0].candidates.count == 1 }
        let all = own.map { [noes[$0].refused] } ?? possible.map { noes[$0].refused }
        noes.remove(at: own ?? first)
        heard -= 1
        return all.dropFirst().reduce(all.first) { common, other in
            Refused(
                refusal: common?.refusal == other.refusal ? other.refusal : nil,
                key: common?.key == other.key ? other.key : nil
            )
        }
    }
}
