// SPDX-License-Identifier: Apache-2.0

/// The connections that bound endpoints have accepted, kept from monitor events.
///
/// libzmq names the descriptor when a connection is accepted and when it ends, but not when its handshake is done; and
/// when a connection ends without a word, that is a peer that is lost or a stranger that was refused. So a finished
/// handshake belongs to one of several, its candidates, until only one is left:
///
/// - Who was accepted later, has another one, or has certainly not finished a handshake (the kernel counts on TCP what
///   has been said) is no candidate; nor is who fails later, or was told no.
/// - To whom all has been said that this side says in a handshake is a peer (``HandshakeSize``).
/// - Among the candidates the one whose data came last is supposed to be the peer. That is no knowledge: the handshake
///   was done some time before this is asked, and a stranger may send a little all the time.
/// - Who subscribes, or is still there when libzmq would have given up on its handshake, is a peer.
///
/// Who has joined is told only where it is certain: one candidate is left, and nobody here is supposed to be a peer.
///
/// What can not be known: which of two candidates over ipc is the peer when one ends without a word. It counts as the
/// peer, and when the other one stays it turns out to be.
struct AcceptedPeers {
    private let size: HandshakeSize
    private var connections: [Int32: AcceptedConnection] = [:]
    private var lastNumber: UInt64 = 0
    private var unsettled = FinishedHandshakes()
    /// How the connection ends that ends next, by address.
    private var failing: [String: End] = [:]
    private var doubts: Set<Doubt> = []
    /// Those that the last handshake has shown to be peers.
    private var shown: [Int32] = []

    /// - Parameter size: what a handshake takes.
    init(_ size: HandshakeSize = .null) { self.size = size }

    /// Peers with a finished handshake.
    var count: Int { connections.values.count { $0.isEstablished } + unsettled.count }

    var hasConnections: Bool { !connections.isEmpty }

    /// The connections that are peers, as far as that is known.
    var established: [Int32] {
        connections.filter { $0.value.isEstablished }.map(\.key) + unsettled.supposed
    }

    /// It is there, and none that is known to be a peer.
    func isPending(_ descriptor: Int32, cookie: UInt64) -> Bool {
        connections[descriptor].map { $0.isPending && $0.newcomer.cookie == cookie } ?? false
    }

    /// By what has been told of it alone: no handshake has been done that may be its.
    func isHalfOpen(_ descriptor: Int32) -> Bool {
        connections[descriptor]?.isPending == true && !unsettled.has(descriptor)
    }

    /// It is known to be a peer, or at least supposed to be.
    func isPeer(_ descriptor: Int32) -> Bool { connections[descriptor]?.isEstablished == true }

    /// The connection is to be ended, and becomes no peer.
    ///
    /// - Returns: its address.
    mutating func refuse(_ descriptor: Int32) -> String? {
        connections[descriptor]?.isRefused = true
        unsettled.exclude(descriptor)
        return connections[descriptor]?.address
    }

    /// Those that may still have their handshake before them, as far as that is known.
    var inHandshake: [(descriptor: Int32, AcceptedConnection.Newcomer)] {
        connections.compactMap { $0.value.mayBeInHandshake ? ($0.key, $0.value.newcomer) : nil }
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

    /// Who was accepted with this descriptor.
    func newcomer(_ descriptor: Int32) -> AcceptedConnection.Newcomer { connections[descriptor]?.newcomer ?? .unknown }

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
        guard isUnderWay(at: address) else { return .unknown }
        if isFull { return .refused(refuse(among: pending(at: address))) }
        let stages = look(at: pending(at: address), inflow)
        shown = []
        guard isUnderWay(at: address) else { return .unknown }
        let left = pending(at: address)
        let peers = left.filter { connections[$0]?.isPeer == true }
        if let peer = peers.first {
            establish(peer)
            settle(at: address)
            return .joined(peers.count == 1 ? whoHasJoined(at: address) : nil)
        }
        let ones = Set(left)
        let flows = stages.filter { ones.contains($0.descriptor) }
        var candidates = flows.filter { $0.stage == .unclear }
        if candidates.isEmpty { candidates = flows }
        unsettled.add(
            FinishedHandshake(
                address: address,
                candidates: Set(candidates.map(\.descriptor)),
                supposed: unsettled.supposed(among: candidates.map { ($0.descriptor, $0.silence) })
            )
        )
        settle(at: address)
        return .joined(whoHasJoined(at: address))
    }

    private func pending(at address: String) -> [Int32] {
        connections.filter { $0.value.address == address && $0.value.mayHaveHandshake }.map(\.key)
    }

    /// Somebody there has a handshake to be had.
    private func isUnderWay(at address: String) -> Bool {
        pending(at: address).count > unsettled.count(at: address)
    }

    private typealias Look = (descriptor: Int32, stage: HandshakeSize.Stage, silence: Int64?)

    /// How far each has come, and what that says of it.
    private mutating func look(at pending: [Int32], _ inflow: (Int32) -> Inflow?) -> [Look] {
        pending.map { descriptor in
            let cookie = connections[descriptor]?.newcomer.cookie
            guard let flow = inflow(descriptor), flow.cookie == cookie else { return (descriptor, .unclear, nil) }
            let stage = size.stage(received: flow.bytes) { flow.written }
            switch stage {
            case .done: hasSubscribed(descriptor)
            case .refused: turnAway(descriptor)
            case .early, .unclear: break
            }
            return (descriptor, stage, flow.silence)
        }
    }

    /// Looks at those who may have finished a handshake of which it is not known whose it is.
    mutating func lookAgain(_ inflow: (Int32) -> Inflow?) { _ = look(at: Array(unsettled.candidates), inflow) }

    /// The connection was told no, and has no handshake to be had.
    mutating func turnAway(_ descriptor: Int32) {
        guard let address = connections[descriptor]?.address else { return }
        connections[descriptor]?.isTurnedAway = true
        unsettled.exclude(descriptor)
        settle(at: address)
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
        let refused = Set(pending).subtracting(unsettled.likely)
        for descriptor in refused {
            connections[descriptor]?.isRefused = true
            unsettled.exclude(descriptor)
        }
        return refused
    }

    /// With no handshake under way a message could not be unsealed: libzmq has the same event for that.
    mutating func failed(at address: String, _ failure: ConnectFailure) {
        if isUnderWay(at: address) { failing[address] = .rejected(failure) }
    }

    mutating func wasProbed(at address: String) { failing[address] = .probed }

    /// - Parameter refusal: why it was told no, if it was.
    /// - Returns: nil for a connection that was never accepted here.
    mutating func disconnected(_ descriptor: Int32, at address: String, refusal: ConnectFailure? = nil) -> End? {
        guard let connection = connections.removeValue(forKey: descriptor) else { return nil }
        // libzmq says so right before the connection ends, so it is this one, unless that has had its handshake.
        let failure = connection.isEstablished ? nil : failing.removeValue(forKey: address)
        let told = failure ?? refusal.map { .rejected($0) }
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
        let isSupposed = !isKnown && unsettled.has(descriptor)
        unsettled.exclude(descriptor)
        settle(at: address, isSupposed: isSupposed)
    }

    private mutating func end(of connection: AcceptedConnection, _ descriptor: Int32) -> End? {
        if connection.isRefused { return nil }
        if connection.isEstablished { return .lost }
        guard let own = unsettled.take(of: descriptor, isEvident: connection.isPeer) else {
            return connection.isPeer ? .lost : .rejected(.handshakeRejected)
        }
        // If it was not its own, one of these has none left.
        let others = own.candidates.subtracting([descriptor])
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
        connections[descriptor]?.isTurnedAway = false
        connections[descriptor]?.hasSpoken(isCertain: cookie() ?? itsOwn == itsOwn)
        guard unsettled.take(of: descriptor, isEvident: true) != nil else { return }
        // Of several that may have been its own one was taken.
        let isOneOfSeveral = unsettled.has(descriptor)
        establish(descriptor)
        settle(at: connection.address, isSupposed: isOneOfSeveral)
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
        unsettled.removeAll(where: belongs)
        failing = failing.filter { !belongs($0.key) }
        return gone
    }

    private mutating func establish(_ descriptor: Int32, isSupposed: Bool = false) {
        connections[descriptor]?.establish(isSupposed: isSupposed)
        if connections[descriptor]?.isSupposed == false { shown.append(descriptor) }
        unsettled.exclude(descriptor)
    }

    /// Gives handshakes to those who are the only candidates left.
    private mutating func settle(at address: String, isSupposed: Bool = false) {
        for descriptor in unsettled.takeSettled(at: address) { establish(descriptor, isSupposed: isSupposed) }
    }
}
