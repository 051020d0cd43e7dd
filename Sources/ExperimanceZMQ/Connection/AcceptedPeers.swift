// SPDX-License-Identifier: Apache-2.0

/// The connections that bound endpoints have accepted, kept from monitor events.
///
/// libzmq names the descriptor when a connection is accepted and when it ends, but not when its handshake is done. So
/// a finished handshake belongs to one of those still going on at the address; which one is settled by what comes
/// later, and the number of peers is right all the time.
struct AcceptedPeers {
    enum End: Equatable {
        /// A peer with a finished handshake is gone.
        case lost
        /// A connection ended before its handshake was done.
        case rejected(ConnectFailure)
    }

    private struct Connection {
        let address: String
        var isEstablished = false
    }

    private var connections: [Int32: Connection] = [:]
    /// Finished handshakes that could not be attributed yet, by address.
    private var unattributed: [String: Int] = [:]
    /// The failed handshake whose connection ends next, by address.
    private var failing: [String: ConnectFailure] = [:]

    /// Peers with a finished handshake.
    var count: Int {
        connections.values.count { $0.isEstablished } + unattributed.values.reduce(0, +)
    }

    mutating func accepted(_ descriptor: Int32, at address: String) {
        // A descriptor that comes again was closed without a word, by our own unbind.
        forget(descriptor)
        connections[descriptor] = Connection(address: address)
    }

    /// False for an address where no handshake is going on: a leftover of a connect that was given up.
    mutating func succeeded(at address: String) -> Bool {
        guard connections.values.contains(where: { $0.address == address && !$0.isEstablished }) else { return false }
        unattributed[address, default: 0] += 1
        attribute(at: address)
        return true
    }

    mutating func failed(at address: String, _ failure: ConnectFailure) {
        failing[address] = failure
    }

    /// Nil for a connection that was never accepted here.
    mutating func disconnected(_ descriptor: Int32, at address: String) -> End? {
        guard let connection = connections.removeValue(forKey: descriptor) else { return nil }
        defer { attribute(at: address) }
        if let failure = failing.removeValue(forKey: address) { return .rejected(failure) }
        if connection.isEstablished { return .lost }
        if let pending = unattributed[address], pending > 0 {
            unattributed[address] = pending - 1
            return .lost
        }
        return .rejected(.handshakeRejected)
    }

    /// Forgets the connections of an endpoint that was unbound, which end without an event.
    ///
    /// - Returns: their descriptors.
    mutating func unbound(where belongs: (String) -> Bool) -> [Int32] {
        let gone = connections.filter { belongs($0.value.address) }.map(\.key)
        for descriptor in gone { connections[descriptor] = nil }
        unattributed = unattributed.filter { !belongs($0.key) }
        failing = failing.filter { !belongs($0.key) }
        return gone
    }

    private mutating func forget(_ descriptor: Int32) {
        guard let connection = connections.removeValue(forKey: descriptor) else { return }
        attribute(at: connection.address)
    }

    /// When as many handshakes are finished as connections are open, they are these.
    private mutating func attribute(at address: String) {
        guard let pending = unattributed[address], pending > 0 else {
            unattributed[address] = nil
            return
        }
        let open = connections.filter { $0.value.address == address && !$0.value.isEstablished }
        guard open.count <= pending else { return }
        for descriptor in open.keys { connections[descriptor]?.isEstablished = true }
        unattributed[address] = nil
    }
}
