// SPDX-License-Identifier: Apache-2.0

/// A socket of the same context that connects to this one.
struct InprocGuest: Sendable {
    /// Its handle.
    let socket: UInt64
    let identity: [UInt8]
}

/// What a bound socket has to know of those that connect within the process and that libzmq ignores.
struct InprocGuests {
    /// libzmq hands an identity over to whoever brought it last.
    var handsOver = true
    /// They will say that they are gone, and have never been there.
    private var refused: Set<UInt64> = []
    private var holders: [[UInt8]: UInt64] = [:]
    /// Those whose identity a newer one has brought, by that.
    private var passedOver: [UInt64: [UInt64]] = [:]

    mutating func refuse(_ guest: InprocGuest) { refused.insert(guest.socket) }

    /// Whether a guest that has left was none.
    mutating func wasRefused(_ guest: UInt64) -> Bool { refused.remove(guest) != nil }

    /// - Returns: who had its identity until now.
    mutating func come(_ guest: InprocGuest) -> UInt64? {
        guard handsOver, !guest.identity.isEmpty else { return nil }
        let older = holders.updateValue(guest.socket, forKey: guest.identity)
        guard let older, older != guest.socket else { return nil }
        // Those that the older one had passed over wait for the newer one now.
        passedOver[guest.socket] = (passedOver.removeValue(forKey: older) ?? []) + [older]
        return older
    }

    /// The identity that a guest has, unless a newer one has brought it.
    func identity(of guest: UInt64) -> [UInt8]? { holders.first { $0.value == guest }?.key }

    /// - Returns: those that may come again.
    mutating func leave(_ guest: UInt64) -> [UInt64] {
        if let identity = identity(of: guest) { holders[identity] = nil }
        return passedOver.removeValue(forKey: guest) ?? []
    }
}
