// SPDX-License-Identifier: Apache-2.0

/// Which connection of a ROUTER has which identity, as far as their messages tell.
///
/// libzmq hands an identity over to the newest connection that brings it, and goes on reading nothing from the older
/// one, without a word to either. That shows here with the first message of the newer one. The older one is left
/// alone: if its connection were ended its peer would make a new one, and be the newest. It is ended when the newer one
/// is gone, so that its peer can come again.
///
/// Touched with the lock of its socket held only.
final class RouterRole {
    /// An older connection, whose identity a newer one has.
    struct PassedOver: Equatable {
        let descriptor: Int32
        /// The kernel's name for it.
        let cookie: UInt64
    }

    private struct Holder {
        let descriptor: Int32
        let cookie: UInt64
    }

    private var identities: [Int32: [UInt8]] = [:]
    private var holders: [[UInt8]: Holder] = [:]
    private var passedOver: [Int32: [PassedOver]] = [:]

    /// Nothing new: the identity is known to be that connection's.
    func isKnown(_ identity: UnsafeRawBufferPointer, from descriptor: Int32) -> Bool {
        identities[descriptor]?.elementsEqual(identity) == true
    }

    /// A message has come with an identity that was not known to be this connection's.
    ///
    /// - Parameters:
    ///   - cookie: the kernel's name for the connection.
    ///   - isAlive: whether a connection is still there.
    /// - Returns: whether it had been another one's that is still there.
    func heard(
        _ identity: [UInt8],
        from descriptor: Int32,
        cookie: UInt64,
        isAlive: (Int32, _ cookie: UInt64) -> Bool
    ) -> Bool {
        if let former = identities.updateValue(identity, forKey: descriptor), former != identity,
            holders[former]?.descriptor == descriptor
        {
            holders[former] = nil
        }
        let older = holders.updateValue(Holder(descriptor: descriptor, cookie: cookie), forKey: identity)
        guard let older, older.descriptor != descriptor, isAlive(older.descriptor, older.cookie) else { return false }
        identities[older.descriptor] = nil
        passedOver[descriptor, default: []].append(PassedOver(descriptor: older.descriptor, cookie: older.cookie))
        return true
    }

    /// A connection is gone.
    ///
    /// - Returns: those that may come again.
    func connectionIsGone(_ descriptor: Int32) -> [PassedOver] {
        if let identity = identities.removeValue(forKey: descriptor), holders[identity]?.descriptor == descriptor {
            holders[identity] = nil
        }
        return passedOver.removeValue(forKey: descriptor) ?? []
    }
}
