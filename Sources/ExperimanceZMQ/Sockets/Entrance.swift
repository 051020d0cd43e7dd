// SPDX-License-Identifier: Apache-2.0

/// What a socket has to do with the doorkeeper.
struct Entrance {
    let doorkeeper: Doorkeeper
    let number: UInt64
    let demand: AccessRules.Demand
    var queue = AdmissionQueue()
    var askers = AdmissionAskers()
    var refused = RefusedConnections()
    /// Addresses at which the connection that ends next has had no answer.
    var breaking: Set<String> = []
    /// It was said that nobody will come in.
    var hasAnnounced = false
    /// The next look at the turn.
    var look: Supervisor.Token?

    init(_ doorkeeper: Doorkeeper, _ number: UInt64, _ demand: AccessRules.Demand) {
        (self.doorkeeper, self.number, self.demand) = (doorkeeper, number, demand)
    }

    /// Nobody comes in without an authenticator.
    var isShutWithoutAuthenticator: Bool { demand != .key(anybody: true) }
}
