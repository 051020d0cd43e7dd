// SPDX-License-Identifier: Apache-2.0

/// The connections that bound endpoints have accepted, kept from monitor events.
///
/// libzmq names the descriptor when a connection is accepted and when it ends, but not when its handshake is done; and
/// when a connection ends without a word, that is a peer that is lost or a stranger that was refused. So a finished
/// handshake belongs to one of several, its candidates, until only one is left:
///
/// - Who was accepted later, has another one, or has not sent enough for a handshake (the kernel counts that on TCP) is
///   no candidate; nor is who fails later.
/// - Among the candidates the one whose data came last is supposed to be the peer. That is no knowledge: the handshake
///   was done some time before this is asked, and a stranger may send a little all the time.
/// - Who subscribes, or is still there when libzmq would have given up on its handshake, is a peer.
///
/// Who has joined is told only where it is certain: one candidate is left, and nobody here is supposed to be a peer.
///
/// What can not be known: which of two candidates over ipc is the peer when one ends without a word. It counts as the
/// peer, and when the other one stays it turns out to be.
struct AcceptedPeers {
    /// A greeting, and the shortest READY: the name of the command and the type of the socket.
    static let shortestHandshake: Int64 = 64 + 2 + 6 + 19
    /// Milliseconds by which one's data has to be later than another's: the kernel's clock for that is coarse.
    private static let clearly: Int64 = 20

    enum End: Equatable {
        /// A peer with a finished handshake is gone.
        case lost
        /// A connection ended before its handshake was done.
        case rejected(ConnectFailure)
        /// It was a look at this side, by a peer that says why it can not connect.
        case probed
    }

    private var connections: [Int32: AcceptedConnection] = [:]
    private var lastNumber: UInt64 = 0
    private var unsettled: [FinishedHandshake] = []
    /// How the connection ends that ends next, by address.
    private var failing: [String: End] = [:]
    private var doubts: Set<Doubt> = []
    /// Those that the last handshake has shown to be peers.
    private var shown: [Int32] = []

    /// Peers with a finished handshake.
    var count: Int { connections.values.count { $0.isEstablished } + unsettled.count }

    var hasConnections: Bool { !connections.isEmpty }

    /// The connections that are peers, as far as that is known.
    var established: [Int32] {
        connections.filter { $0.value.isEstablished }.map(\.key) + unsettled.compactMap(\.supposed)
    }

    /// How many those are at the most.
    var mostInHandshake: Int { connections.values.count { $0.isPending } - unsettled.count }

    /// The connection is to be ended, and becomes no peer.
    ///
    /// - Returns: its address.
    mutating func refuse(_ descriptor: Int32) -> String? {
        connections[descriptor]?.isRefused = true
        exclude(descriptor)
        return connections[descriptor]?.address
    }

    /// Those that may still have their handshake before them, as far as that is known, oldest first.
    var inHandshake: [(descriptor: Int32, AcceptedConnection.Newcomer)] {
        connections.filter { $0.value.mayBeInHandshake }.sorted { $0.value.number < $1.value.number }
            .map { ($0.key, $0.value.newcomer) }
    }

    mutating func accepted(
        _ descriptor: Int32,
        at address: String,
        _ newcomer: AcceptedConnection.Newcomer = .unknown
    ) {
        // A descriptor that comes again was closed without a word, by our own unbind.
        if let former = connections.removeValue(forKey: descriptor) {
            leave(descriptor, at: former.address, isKnown: false)
        }
        lastNumber += 1
        connections[descriptor] = AcceptedConnection(address: address, number: lastNumber, newcomer: newcomer)
    }

    /// Who has this descriptor.
    ///
    /// - Parameter cookie: the kernel's name for the connection, where somebody else may have had the descriptor.
    func peer(of descriptor: Int32, cookie: UInt64? = nil) -> KnownPeer? {
        let newcomer = connections[descriptor]?.newcomer
        return newcomer?.cookie == cookie ?? newcomer?.cookie ? newcomer?.peer : nil
    }

    /// It is known as whom the connection's peer was let in.
    mutating func meet(_ admitted: KnownPeer, at descriptor: Int32, cookie: UInt64) {
        if connections[descriptor]?.newcomer.cookie == cookie { connections[descriptor]?.meet(admitted) }
    }

    /// - Parameters:
    ///   - isFull: libzmq ignores this peer, as there is no place for it.
    ///   - inflow: what has come in on a descriptor; nil if that is not known.
    mutating func succeeded(
        at address: String,
        isFull: Bool = false,
        inflow: (Int32) -> Inflow? = { _ in nil }
    ) -> Arrival {
        let pending = connections.filter { $0.value.address == address && $0.value.isPending }.map(\.key)
        guard pending.count > unsettled.count(where: { $0.address == address }) else { return .unknown }
        if isFull { return .refused(refuse(among: pending)) }
        shown = []
        if let peer = pending.first(where: { connections[$0]?.isPeer == true }) {
            establish(peer)
            settle(at: address)
            return .joined(whoHasJoined(at: address))
        }
        let flows = pending.map { descriptor in
            let cookie = connections[descriptor]?.newcomer.cookie
            return (descriptor: descriptor, inflow: inflow(descriptor).flatMap { $0.cookie == cookie ? $0 : nil })
        }
        var candidates = flows.filter { $0.inflow.map { $0.bytes >= Self.shortestHandshake } ?? true }
        if candidates.isEmpty { candidates = flows }
        unsettled.append(
            FinishedHandshake(
                address: address,
                candidates: Set(candidates.map(\.descriptor)),
                supposed: supposed(among: candidates)
            )
        )
        settle(at: address)
        return .joined(whoHasJoined(at: address))
    }

    /// Whose handshake that was; nil while somebody counts as a peer who may not be one: it could be that one's.
    private func whoHasJoined(at address: String) -> KnownPeer? {
        guard let one = shown.first, !connections.values.contains(where: { $0.isSupposed && $0.address == address })
        else { return nil }
        return peer(of: one)
    }

    /// Whichever of these has finished its handshake, the others will be refused as well. Who may be the one peer there
    /// is, is not among them.
    private mutating func refuse(among pending: [Int32]) -> Set<Int32> {
        var refused = Set(pending)
        for handshake in unsettled {
            refused.subtract(handshake.supposed.map { [$0] } ?? handshake.candidates)
        }
        for descriptor in refused {
            connections[descriptor]?.isRefused = true
            exclude(descriptor)
        }
        return refused
    }

    /// The one whose data clearly came last.
    private func supposed(among candidates: [(descriptor: Int32, inflow: Inflow?)]) -> Int32? {
        let taken = unsettled.compactMap(\.supposed)
        let known = candidates.compactMap { candidate in
            candidate.inflow.map { (descriptor: candidate.descriptor, silence: $0.silence) }
        }
        guard known.count == candidates.count else { return nil }
        let free = known.filter { !taken.contains($0.descriptor) }.sorted { $0.silence < $1.silence }
        guard let last = free.first else { return nil }
        let isClear = free.count == 1 || free[1].silence - last.silence >= Self.clearly
        return isClear ? last.descriptor : nil
    }

    /// With no handshake under way a message could not be unsealed: libzmq has the same event for that.
    mutating func failed(at address: String, _ failure: ConnectFailure) {
        let pending = connections.values.count { $0.address == address && $0.isPending }
        if pending > unsettled.count(where: { $0.address == address }) { failing[address] = .rejected(failure) }
    }

    mutating func wasProbed(at address: String) { failing[address] = .probed }

    /// Nil for a connection that was never accepted here.
    mutating func disconnected(_ descriptor: Int32, at address: String) -> End? {
        guard let connection = connections.removeValue(forKey: descriptor) else { return nil }
        // libzmq says so right before the connection ends, so it is this one, unless that has had its handshake.
        let told = connection.isEstablished ? nil : failing.removeValue(forKey: address)
        // Of one that was refused it has been said.
        let end = connection.isRefused ? nil : told ?? end(of: connection, descriptor)
        leave(descriptor, at: address, isKnown: told != nil)
        return end
    }

    /// A connection is over, and libzmq says nothing of it.
    ///
    /// - Returns: its address, and how it ended; nil if it was never accepted here.
    mutating func endedUntold(_ descriptor: Int32) -> (address: String, end: End?)? {
        guard let connection = connections.removeValue(forKey: descriptor) else { return nil }
        let end = end(of: connection, descriptor)
        leave(descriptor, at: connection.address, isKnown: false)
        return (connection.address, end)
    }

    /// - Parameter isKnown: it is certain that it had no handshake. Else a handshake that it may have had is taken for
    ///   another one's now.
    private mutating func leave(_ descriptor: Int32, at address: String, isKnown: Bool) {
        let isSupposed = !isKnown && isCandidate(descriptor)
        exclude(descriptor)
        settle(at: address, isSupposed: isSupposed)
    }

    private mutating func end(of connection: AcceptedConnection, _ descriptor: Int32) -> End? {
        if connection.isRefused { return nil }
        if connection.isEstablished { return .lost }
        guard let index = handshake(of: descriptor, isEvident: connection.isPeer) else {
            return connection.isPeer ? .lost : .rejected(.handshakeRejected)
        }
        // If it was not its own, one of these has none left.
        let others = unsettled.remove(at: index).candidates.subtracting([descriptor])
        doubts.formUnion(
            others.compactMap { other in
                connections[other].map { Doubt(descriptor: other, number: $0.number) }
            }
        )
        return .lost
    }

    /// The connection has done what only a peer can do. One without a handshake to be had gets it with the next event.
    ///
    /// - Parameter cookie: that of what has the descriptor now; nil if that is this connection for certain.
    mutating func hasSubscribed(_ descriptor: Int32, cookie: @autoclosure () -> UInt64? = nil) {
        guard let connection = connections[descriptor], connection.isPending else { return }
        let itsOwn = connection.newcomer.cookie
        connections[descriptor]?.hasSpoken(isCertain: cookie() ?? itsOwn == itsOwn)
        guard let index = handshake(of: descriptor, isEvident: true) else { return }
        unsettled.remove(at: index)
        // Of several that may have been its own one was taken.
        let isOneOfSeveral = isCandidate(descriptor)
        establish(descriptor)
        settle(at: connection.address, isSupposed: isOneOfSeveral)
    }

    private func isCandidate(_ descriptor: Int32) -> Bool {
        unsettled.contains { $0.candidates.contains(descriptor) }
    }

    /// Connections that have to be asked after once libzmq would have given up on them; each is told once.
    mutating func takeDoubts() -> Set<Doubt> {
        defer { doubts = [] }
        return doubts
    }

    /// libzmq would have given up on these by now: those that are still there are peers.
    ///
    /// - Returns: whether there are more peers than before.
    mutating func outlasted(_ doubts: Set<Doubt>) -> Bool {
        let before = count
        for doubt in doubts where connections[doubt.descriptor]?.number == doubt.number {
            hasSubscribed(doubt.descriptor)
            establish(doubt.descriptor)
        }
        return count > before
    }

    /// Forgets the connections of an endpoint that was unbound, which end without an event.
    ///
    /// - Returns: their descriptors.
    mutating func unbound(where belongs: (String) -> Bool) -> [Int32] {
        let gone = connections.filter { belongs($0.value.address) }.map(\.key)
        for descriptor in gone { connections[descriptor] = nil }
        unsettled.removeAll { belongs($0.address) }
        failing = failing.filter { !belongs($0.key) }
        return gone
    }

    /// The handshake that is the connection's, as far as that can be said.
    ///
    /// - Parameter isEvident: the connection has one; otherwise none is taken from whom it is supposed to belong to.
    private func handshake(of descriptor: Int32, isEvident: Bool) -> Int? {
        let possible = unsettled.indices.filter { unsettled[$0].candidates.contains(descriptor) }
        return possible.first { unsettled[$0].supposed == descriptor }
            ?? possible.first { unsettled[$0].supposed == nil }
            ?? (isEvident ? possible.first : nil)
    }

    private mutating func establish(_ descriptor: Int32, isSupposed: Bool = false) {
        connections[descriptor]?.establish(isSupposed: isSupposed)
        if connections[descriptor]?.isSupposed == false { shown.append(descriptor) }
        exclude(descriptor)
    }

    private mutating func exclude(_ descriptor: Int32) {
        for index in unsettled.indices { unsettled[index].exclude(descriptor) }
    }

    /// Gives handshakes to those who are the only candidates left.
    private mutating func settle(at address: String, isSupposed: Bool = false) {
        while let index = unsettled.firstIndex(where: { $0.address == address && $0.candidates.count <= 1 }) {
            // Without any it was of one that has failed after all.
            if let only = unsettled.remove(at: index).candidates.first { establish(only, isSupposed: isSupposed) }
        }
        let here = unsettled.filter { $0.address == address }
        let candidates = here.reduce(into: Set<Int32>()) { $0.formUnion($1.candidates) }
        guard candidates.count <= here.count else { return }
        unsettled.removeAll { $0.address == address }
        for descriptor in candidates { establish(descriptor, isSupposed: isSupposed) }
    }
}
