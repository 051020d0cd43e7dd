// SPDX-License-Identifier: Apache-2.0

/// The connections that bound endpoints have accepted, kept from monitor events.
///
/// libzmq names the descriptor when a connection is accepted and when it ends, but not when its handshake is done. So
/// a finished handshake belongs to one of those still going on at the address. Which one is settled by how much has come
/// in on each, where the kernel counts that (TCP), else by what comes later. Settled it has to be: a connection that ends
/// without a word is a peer that is lost or a stranger that was refused.
struct AcceptedPeers {
    /// A greeting, and the shortest READY: the name of the command and the type of the socket.
    private static let shortestHandshake: Int64 = 64 + 2 + 6 + 19

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

    /// The connections that are known to be peers.
    var established: [Int32] { connections.filter { $0.value.isEstablished }.map(\.key) }

    mutating func accepted(_ descriptor: Int32, at address: String) {
        // A descriptor that comes again was closed without a word, by our own unbind.
        forget(descriptor)
        connections[descriptor] = Connection(address: address)
    }

    /// - Parameter received: how many bytes have come in on a descriptor; nil if that is not known.
    /// - Returns: false for an address where no handshake is going on: a leftover of a connect that was given up.
    mutating func succeeded(at address: String, received: (Int32) -> Int64? = { _ in nil }) -> Bool {
        let open = pending(at: address)
        guard !open.isEmpty else { return false }
        unattributed[address, default: 0] += 1
        let talkative = open.filter { received($0) ?? 0 >= Self.shortestHandshake }
        if talkative.count == unattributed[address] {
            establish(talkative, at: address)
        } else {
            attribute(at: address)
        }
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
        if let finished = unattributed[address], finished > 0 {
            unattributed[address] = finished - 1
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

    /// The connections at the address that no finished handshake has been attributed to.
    private func pending(at address: String) -> [Int32] {
        connections.filter { $0.value.address == address && !$0.value.isEstablished }.map(\.key)
    }

    private mutating func establish(_ descriptors: [Int32], at address: String) {
        for descriptor in descriptors { connections[descriptor]?.isEstablished = true }
        unattributed[address] = nil
    }

    /// When as many handshakes are finished as connections are open, they are these.
    private mutating func attribute(at address: String) {
        guard let finished = unattributed[address], finished > 0 else {
            unattributed[address] = nil
            return
        }
        let open = pending(at: address)
        if open.count <= finished { establish(open, at: address) }
    }
}
