// SPDX-License-Identifier: Apache-2.0

/// What a socket has to do with the doorkeeper.
struct Entrance {
    let doorkeeper: Doorkeeper
    let number: UInt64
    let demand: AccessRules.Demand
    var queue = AdmissionQueue()
    var askers = AdmissionAskers()
    /// It was said that nobody will come in.
    var hasAnnounced = false
    /// Of the connection that ends next, by address.
    private var refused: [String: KnownPeer] = [:]
    /// The next look at the turn.
    var look: Supervisor.Token?

    init(_ doorkeeper: Doorkeeper, _ number: UInt64, _ demand: AccessRules.Demand) {
        (self.doorkeeper, self.number, self.demand) = (doorkeeper, number, demand)
    }

    /// Nobody comes in without an authenticator.
    var isShutWithoutAuthenticator: Bool { demand != .key(anybody: true) }

    mutating func noteRefused(_ peer: AdmissionQueue.Refused, at address: String) {
        refused[address] = peer.key.map { KnownPeer(publicKey: $0.text) }
    }

    mutating func takeRefused(at address: String) -> KnownPeer? { refused.removeValue(forKey: address) }
}
