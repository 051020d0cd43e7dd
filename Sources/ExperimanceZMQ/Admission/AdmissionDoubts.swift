// SPDX-License-Identifier: Apache-2.0

/// Connections that were let in without its being known as whom: for each place where peers are, who it may have been.
///
/// Nobody is named by them. But a key that is not allowed any more must not keep its link, so all of them end that may
/// be its own.
struct AdmissionDoubts {
    private struct Doubt {
        var keys: Set<ZMQCurvePublicKey> = []
        /// There are too many to keep: it may be anybody's.
        var mayBeAnybody = false
        /// The kernel's names by descriptors.
        var connections: [Int32: UInt64] = [:]
    }

    /// For one place. More come from a flood, in which somebody lets go of keys by the thousand.
    static let mostKeys = 1_024

    private var doubts: [PeerOrigin: Doubt] = [:]
    /// Where a connection may come from: one that was gone too soon to be looked at may be from everywhere.
    private var origins: [Int32: Set<PeerOrigin>] = [:]

    func has(_ candidate: AdmissionCandidate) -> Bool {
        origins[candidate.descriptor] != nil
    }

    /// One of the candidates may be that peer's, and has been somebody else's or may be.
    mutating func add(_ key: ZMQCurvePublicKey?, from origin: PeerOrigin, _ candidates: [AdmissionCandidate]) {
        guard !candidates.isEmpty else { return }
        var doubt = doubts.removeValue(forKey: origin) ?? Doubt()
        for candidate in candidates {
            doubt.connections[candidate.descriptor] = candidate.cookie
            origins[candidate.descriptor, default: []].insert(origin)
        }
        if let key, !doubt.mayBeAnybody {
            doubt.keys.insert(key)
            if doubt.keys.count > Self.mostKeys { (doubt.keys, doubt.mayBeAnybody) = ([], true) }
        }
        doubts[origin] = doubt
    }

    /// The connection is gone.
    mutating func forget(_ descriptor: Int32) {
        for origin in origins.removeValue(forKey: descriptor) ?? [] {
            doubts[origin]?.connections[descriptor] = nil
            if doubts[origin]?.connections.isEmpty == true { doubts[origin] = nil }
        }
    }

    /// All that may be one of the keys'.
    func connections(of keys: Set<ZMQCurvePublicKey>) -> [(descriptor: Int32, cookie: UInt64)] {
        doubts.values.filter { $0.mayBeAnybody || !$0.keys.isDisjoint(with: keys) }
            .flatMap { $0.connections.map { ($0.key, $0.value) } }
    }
}
