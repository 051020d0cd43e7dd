// SPDX-License-Identifier: Apache-2.0

/// The endpoints a socket is bound to, and the peers that come through them.
///
/// It decides and does nothing: what happens comes in, and what the socket is to do about it goes out as effects.
struct BoundSide {
    /// What the socket is to do.
    enum Effect: Equatable {
        /// A TCP or local connection has been accepted.
        case opened(descriptor: Int32)
        /// A peer has finished its handshake.
        case joined(address: String, KnownPeer? = nil)
        /// A peer is gone.
        case lost(descriptor: Int32, address: String, KnownPeer? = nil)
        /// A connection that is none of the known ones, or never became a peer, is gone.
        case closed(descriptor: Int32)
        case rejected(address: String, ConnectFailure, KnownPeer? = nil)
        /// There is no place for a peer that has finished its handshake: end its connection, so that it comes again.
        case refused(Set<Int32>, address: String, KnownPeer? = nil)
        /// Ask ``outlasted(_:)`` when libzmq would have given up on these.
        case askLater(Set<AcceptedPeers.Doubt>, address: String)
    }

    private var endpoints: [BoundEndpoint] = []
    private var accepted: AcceptedPeers
    /// How many sockets of the context are connected to each inproc name bound here, by the numbers of the binds.
    private var inprocClients: [UInt64: Int] = [:]
    private var interrupted: BindProgress?
    /// It was told to bind: from then on the socket may have queues, also such that are ending.
    private(set) var hasBegun = false

    /// - Parameter size: what a handshake takes.
    init(_ size: HandshakeSize = .null) { accepted = AcceptedPeers(size) }

    // MARK: Questions

    var isEmpty: Bool { endpoints.isEmpty }

    var all: [BoundEndpoint] { endpoints }

    /// The one bound last.
    var last: BoundEndpoint? { endpoints.last }

    var first: BoundEndpoint? { endpoints.first }

    /// Peers with a finished handshake.
    var peers: Int { accepted.count + inprocClients.values.reduce(0, +) }

    /// Something has been accepted, whether or not it has become a peer.
    var hasConnections: Bool { accepted.hasConnections }

    /// The connections that are peers, as far as that is known.
    var descriptors: [Int32] { accepted.established }

    /// The connections that may still have their handshake before them, as far as that is known.
    var inHandshake: [(descriptor: Int32, AcceptedConnection.Newcomer)] { accepted.inHandshake }

    /// It is known to be a peer, or at least supposed to be.
    func isPeer(_ descriptor: Int32) -> Bool { accepted.isPeer(descriptor) }

    /// It is there, and none that is known to be a peer.
    func isPending(_ descriptor: Int32, cookie: UInt64) -> Bool { accepted.isPending(descriptor, cookie: cookie) }

    /// Looks at those who may have finished a handshake of which it is not known whose it is.
    mutating func lookAgain(inflow: (Int32) -> AcceptedPeers.Inflow?) { accepted.lookAgain(inflow) }

    /// By what has been told of a connection alone: no handshake has been done that may be its.
    func isHalfOpen(_ descriptor: Int32) -> Bool { accepted.isHalfOpen(descriptor) }

    /// The connection was told no, and has no handshake to be had.
    mutating func turnAway(_ descriptor: Int32) { accepted.turnAway(descriptor) }

    /// The connection is to be ended, and becomes no peer.
    ///
    /// - Returns: its address.
    mutating func refuse(_ descriptor: Int32) -> String? { accepted.refuse(descriptor) }

    /// What has been made in the file system.
    var files: [LocalPath] { endpoints.compactMap(\.file) }

    /// The names bound within the process.
    var inprocNames: [ExactText] {
        endpoints.compactMap { if case .inproc(let name) = $0.target { name } else { nil } }
    }

    /// Whether whoever connects there would connect to this socket itself.
    func has(_ endpoint: Endpoint) -> Bool {
        endpoints.contains { $0.answers(to: endpoint.text) || $0.target == endpoint.target }
    }

    func has(_ address: NumericAddress) -> Bool { endpoints.contains { $0.actual == address.endpoint } }

    /// The endpoint that a caller means by this.
    func endpoint(named text: ExactText) -> BoundEndpoint? { endpoints.first { $0.answers(to: text) } }

    func endpoint(at target: Endpoint.Target) -> BoundEndpoint? { endpoints.first { $0.target == target } }

    // MARK: Binding

    /// A bind to the same endpoint that a signal interrupted goes on; any other begins.
    mutating func begin(
        _ text: ExactText,
        until: Deadline,
        policy: ZMQRetryPolicy,
        now: MonotonicInstant
    ) -> BindProgress {
        defer { interrupted = nil }
        if var progress = interrupted, progress.text == text, !progress.until.hasPassed(at: now) {
            progress.until = until
            return progress
        }
        return BindProgress(text, start: now, until: until, policy: policy)
    }

    mutating func keep(_ progress: BindProgress) { interrupted = progress }

    /// libzmq is told to bind.
    mutating func willBind() { hasBegun = true }

    mutating func add(_ endpoint: BoundEndpoint) { endpoints.append(endpoint) }

    /// Forgets an endpoint, whose connections end without an event.
    ///
    /// - Returns: their descriptors.
    mutating func remove(_ endpoint: BoundEndpoint) -> [Int32] {
        if let index = endpoints.firstIndex(where: { $0.actual == endpoint.actual }) { endpoints.remove(at: index) }
        return accepted.unbound { endpoint.accepted(at: $0) }
    }

    // MARK: Peers

    /// Takes in what a monitor says of an address that no link of ours has.
    ///
    /// - Parameters:
    ///   - isFull: whether libzmq ignores a peer that has just finished its handshake, as it has no place for it.
    ///   - refusal: why a peer was not let in, where this side knows better than libzmq.
    ///   - newcomer: who has just been accepted with a descriptor.
    ///   - inflow: what has come in on a descriptor; nil if that is not known.
    mutating func handle(
        _ event: MonitorEvent,
        isFull: Bool = false,
        refusal: ConnectFailure? = nil,
        newcomer: (Int32) -> AcceptedConnection.Newcomer = { _ in .unknown },
        inflow: (Int32) -> AcceptedPeers.Inflow? = { _ in nil }
    ) -> [Effect] {
        let address = NumericAddress.unmapped(event.address)
        switch event.kind {
        case .accepted(let descriptor):
            // Of an endpoint that has been unbound meanwhile: it ended with it.
            guard endpoints.contains(where: { $0.accepted(at: address) }) else { return [] }
            accepted.accepted(descriptor, at: address, newcomer(descriptor))
            return [.opened(descriptor: descriptor)]
        case .handshakeSucceeded:
            switch accepted.succeeded(at: address, isFull: isFull, inflow: inflow) {
            case .unknown: return []
            case .joined(let peer): return [.joined(address: address, peer)]
            case .refused(let descriptors):
                let only = descriptors.count == 1 ? descriptors.first : nil
                return [.refused(descriptors, address: address, only.flatMap { accepted.peer(of: $0) })]
            }
        case .handshakeFailed(let failure) where failure.isProbe:
            accepted.wasProbed(at: address)
            return []
        case .handshakeFailed(let failure):
            accepted.failed(at: address, refusal ?? ConnectFailure(failure))
            return []
        case .disconnected(let descriptor):
            let peer = accepted.peer(of: descriptor)
            return effects(
                of: accepted.disconnected(descriptor, at: address, refusal: refusal),
                descriptor,
                at: address,
                peer
            )
        default:
            return []
        }
    }

    /// A connection is over, and libzmq says nothing of it.
    mutating func endedUntold(_ descriptor: Int32) -> [Effect] {
        let peer = accepted.peer(of: descriptor)
        return accepted.endedUntold(descriptor).map { effects(of: $0.end, descriptor, at: $0.address, peer) } ?? []
    }

    private mutating func effects(
        of end: AcceptedPeers.End?,
        _ descriptor: Int32,
        at address: String,
        _ peer: KnownPeer?
    ) -> [Effect] {
        switch end {
        case nil, .probed?:
            return [.closed(descriptor: descriptor)]
        case .rejected(let failure)?:
            return [.closed(descriptor: descriptor), .rejected(address: address, failure, peer)]
        case .lost?:
            let lost = Effect.lost(descriptor: descriptor, address: address, peer)
            let doubts = accepted.takeDoubts()
            return doubts.isEmpty ? [lost] : [lost, .askLater(doubts, address: address)]
        }
    }

    /// The connection has done what only a peer can do.
    ///
    /// - Parameter cookie: that of what has the descriptor now.
    mutating func hasSubscribed(_ descriptor: Int32, cookie: @autoclosure () -> UInt64?) {
        accepted.hasSubscribed(descriptor, cookie: cookie())
    }

    /// Who was accepted with a descriptor.
    func newcomer(_ descriptor: Int32) -> AcceptedConnection.Newcomer { accepted.newcomer(descriptor) }

    /// Who is connected with a descriptor; nil if that is not known.
    ///
    /// - Parameter cookie: the kernel's name for the connection.
    func peer(of descriptor: Int32, cookie: UInt64) -> KnownPeer? { accepted.peer(of: descriptor, cookie: cookie) }

    /// It is known as whom the connection's peer was let in.
    mutating func meet(_ admitted: KnownPeer, at descriptor: Int32, cookie: UInt64) {
        accepted.meet(admitted, at: descriptor, cookie: cookie)
    }

    /// libzmq would have given up on these by now: those that are still there are peers.
    ///
    /// - Returns: whether there are more peers than before.
    mutating func outlasted(_ doubts: Set<AcceptedPeers.Doubt>) -> Bool { accepted.outlasted(doubts) }

    // MARK: Within the process

    mutating func openInproc(_ number: UInt64) { inprocClients[number] = 0 }

    mutating func closeInproc(_ number: UInt64) { inprocClients[number] = nil }

    /// A socket of the context has connected to a name, or gone.
    ///
    /// - Returns: false if the name has been unbound meanwhile, and its clients with it.
    mutating func changeInprocClients(of number: UInt64, by difference: Int) -> Bool {
        guard let clients = inprocClients[number], clients + difference >= 0 else { return false }
        inprocClients[number] = clients + difference
        return true
    }
}
