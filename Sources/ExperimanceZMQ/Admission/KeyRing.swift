// SPDX-License-Identifier: Apache-2.0

/// The keys that are allowed and denied, each from one place or several: the program itself, and files.
struct KeyRing {
    /// Where a key comes from.
    typealias Source = Int

    /// Keys that the program has named itself.
    static let program: Source = 0

    /// The user id of each key, by where that comes from.
    private var holders: [ZMQCurvePublicKey: [Source: String]] = [:]
    private var denied: Set<ZMQCurvePublicKey> = []

    /// The keys that are allowed now.
    var count: Int { holders.keys.count { !denied.contains($0) } }

    func denies(_ key: ZMQCurvePublicKey) -> Bool { denied.contains(key) }

    /// Nil for a key that nobody has allowed. The program's word counts more than that of files, and an earlier file's
    /// more than a later one's.
    func userID(of key: ZMQCurvePublicKey) -> String? {
        guard !denied.contains(key), let sources = holders[key] else { return nil }
        return sources.min { $0.key < $1.key }?.value
    }

    mutating func allow(_ key: ZMQCurvePublicKey, as userID: String) {
        denied.remove(key)
        holders[key, default: [:]][Self.program] = userID
    }

    /// From now on the key is refused, whoever allows it, until it is allowed by the program again.
    mutating func deny(_ key: ZMQCurvePublicKey) {
        holders[key]?[Self.program] = nil
        if holders[key]?.isEmpty == true { holders[key] = nil }
        denied.insert(key)
    }

    /// All that comes from one place is this now.
    ///
    /// - Returns: the keys that are not allowed any more, and whether anything is another than before.
    mutating func replace(
        _ source: Source,
        with userIDs: [ZMQCurvePublicKey: String]
    ) -> (gone: Set<ZMQCurvePublicKey>, hasChanged: Bool) {
        var gone: Set<ZMQCurvePublicKey> = []
        var hasChanged = userIDs.contains { holders[$0.key]?[source] != $0.value }
        for (key, sources) in holders where sources[source] != nil && userIDs[key] == nil {
            hasChanged = true
            holders[key]?[source] = nil
            if holders[key]?.isEmpty == true {
                holders[key] = nil
                gone.insert(key)
            }
        }
        for (key, userID) in userIDs { holders[key, default: [:]][source] = userID }
        return (gone, hasChanged)
    }
}
