// SPDX-License-Identifier: Apache-2.0

/// A finished handshake of which it is not known yet whose it is.
struct FinishedHandshake {
    let address: String
    private(set) var candidates: Set<Int32>
    private(set) var supposed: Int32?

    init(address: String, candidates: Set<Int32>, supposed: Int32?) {
        self.address = address
        self.candidates = candidates
        self.supposed = supposed
    }

    mutating func exclude(_ descriptor: Int32) {
        candidates.remove(descriptor)
        if supposed == descriptor { supposed = nil }
    }
}

/// Those there are, in their order.
struct FinishedHandshakes {
    /// Milliseconds by which one's data has to be later than another's: the kernel's clock for that is coarse.
    private static let clearly: Int64 = 20

    private var all: [FinishedHandshake] = []

    var count: Int { all.count }

    func count(at address: String) -> Int { all.count { $0.address == address } }

    /// Those who are supposed to have one.
    var supposed: [Int32] { all.compactMap(\.supposed) }

    func has(_ descriptor: Int32) -> Bool { all.contains { $0.candidates.contains(descriptor) } }

    /// Who may have one.
    var candidates: Set<Int32> { all.reduce(into: []) { $0.formUnion($1.candidates) } }

    /// Who may have one and is supposed to, or may at all where nobody is.
    var likely: Set<Int32> {
        all.reduce(into: []) { $0.formUnion($1.supposed.map { [$0] } ?? $1.candidates) }
    }

    /// The one whose data clearly came last.
    ///
    /// - Parameter candidates: with the time since the last of it, where that is known.
    func supposed(among candidates: [(descriptor: Int32, silence: Int64?)]) -> Int32? {
        let taken = supposed
        let known = candidates.compactMap { candidate in
            candidate.silence.map { (descriptor: candidate.descriptor, silence: $0) }
        }
        guard known.count == candidates.count else { return nil }
        let free = known.filter { !taken.contains($0.descriptor) }.sorted { $0.silence < $1.silence }
        guard let last = free.first else { return nil }
        let isClear = free.count == 1 || free[1].silence - last.silence >= Self.clearly
        return isClear ? last.descriptor : nil
    }

    mutating func add(_ handshake: FinishedHandshake) { all.append(handshake) }

    /// The connection has none of them.
    mutating func exclude(_ descriptor: Int32) {
        for index in all.indices { all[index].exclude(descriptor) }
    }

    /// Takes out the handshake that is the connection's, as far as that can be said.
    ///
    /// - Parameter isEvident: the connection has one; otherwise none is taken from whom it is supposed to belong to.
    mutating func take(of descriptor: Int32, isEvident: Bool) -> FinishedHandshake? {
        let possible = all.indices.filter { all[$0].candidates.contains(descriptor) }
        let own =
            possible.first { all[$0].supposed == descriptor } ?? possible.first { all[$0].supposed == nil }
            ?? (isEvident ? possible.first : nil)
        return own.map { all.remove(at: $0) }
    }

    /// Takes out those that can be nobody else's any more.
    ///
    /// - Returns: whose they are.
    mutating func takeSettled(at address: String) -> [Int32] {
        var owners: [Int32] = []
        while let index = all.firstIndex(where: { $0.address == address && $0.candidates.count <= 1 }) {
            // Without any it was of one that has failed after all.
            guard let only = all.remove(at: index).candidates.first else { continue }
            owners.append(only)
            exclude(only)
        }
        let here = all.filter { $0.address == address }
        let candidates = here.reduce(into: Set<Int32>()) { $0.formUnion($1.candidates) }
        guard candidates.count <= here.count else { return owners }
        all.removeAll { $0.address == address }
        return owners + candidates
    }

    mutating func removeAll(where belongs: (String) -> Bool) { all.removeAll { belongs($0.address) } }
}
