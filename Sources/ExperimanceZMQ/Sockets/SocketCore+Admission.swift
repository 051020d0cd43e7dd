// SPDX-License-Identifier: Apache-2.0

import CLinux

// Who may come in: the side of a socket that the context's doorkeeper sees.
extension SocketCore {
    /// What a socket with that security asks of its peers; nil if it asks nobody.
    static func demand(of security: ZMQSecurity?) -> AccessRules.Demand? {
        switch security?.form {
        case .curveServer(_, let admission): .key(anybody: admission == .anybody)
        case .plainServer: .password
        case .guarded: .nothing
        case .curveClient, .plainClient, nil: nil
        }
    }

    /// Whether less has been written to a connection than a peer that was let in has got.
    func isBeforeReady(_ descriptor: Int32) -> Bool {
        entrance.map { SocketDoor(self, $0.demand).isBeforeReady(descriptor) } ?? false
    }

    /// Has the doorkeeper asked about each peer. To be called before there can be any.
    func openDoor(_ socket: RawSocket, _ doorkeeper: Doorkeeper, _ demand: AccessRules.Demand) throws(ZMQSocketError) {
        let door = SocketDoor(self, demand)
        let number = doorkeeper.open(door)
        let status = unsafe ZMQ.setZAPDomain(of: socket, to: Doorkeeper.domain(of: number))
        guard status == 0 else {
            doorkeeper.shut(number)
            throw ZMQSocketError(errno: status, doing: "libzmq does not accept the ZAP domain")
        }
        entrance = Entrance(doorkeeper, number, demand)
    }

    func shutDoor() {
        guard let entrance else { return }
        entrance.doorkeeper.shut(entrance.number)
        self.entrance = nil
    }

    /// Takes in what a monitor says of a connection.
    ///
    /// - Returns: as whom the peer was let in that it is about, or why it was not, as far as that is known.
    func noteAdmission(_ event: MonitorEvent) -> (peer: KnownPeer?, refusal: ConnectFailure?) {
        guard let demand = entrance?.demand else { return (nil, nil) }
        let door = SocketDoor(self, demand)
        switch event.kind {
        case .accepted(let descriptor), .connected(let descriptor):
            _ = entrance?.askers.forget(descriptor)
            door.forget(descriptor)
            return (nil, nil)
        case .disconnected(let descriptor):
            door.noteEnd(of: descriptor)
            door.forget(descriptor)
            return (entrance?.takeRefused(at: event.address), nil)
        case .handshakeSucceeded:
            let only = door.onlyOneThatIsDone()
            defer { door.resolve() }
            return (entrance?.queue.succeeded(now: .now(), only: only).map { KnownPeer($0) }, nil)
        case .handshakeFailed(.authentication):
            guard let refused = entrance?.queue.failed(now: .now()) else { return (nil, ConnectFailure.notLetIn()) }
            entrance?.noteRefused(refused, at: event.address)
            return (nil, ConnectFailure.notLetIn(refused.refusal))
        default:
            return (nil, nil)
        }
    }

    /// Says that nobody will come in, before anybody could.
    func announceClosedDoor() {
        guard let entrance, entrance.isShutWithoutAuthenticator, !entrance.hasAnnounced,
            !entrance.doorkeeper.hasAuthenticator
        else { return }
        self.entrance?.hasAnnounced = true
        report(ZMQEvent(.noAuthenticator, code: .security, message: Refusal.noAuthenticator.reason))
    }

    /// Who may be a peer that wants to come in.
    var inHandshake: [(descriptor: Int32, AcceptedConnection.Newcomer)] { bound.inHandshake + connecting.inHandshake }
}

extension ConnectFailure {
    /// This side has refused a peer.
    fileprivate static func notLetIn(_ refusal: Refusal? = nil) -> ConnectFailure {
        ConnectFailure(code: .security, reason: refusal?.reason ?? "the peer was not let in")
    }
}

/// The door of a socket. What it knows is the socket's (``Entrance``).
final class SocketDoor: Door {
    let demand: AccessRules.Demand
    weak let core: SocketCore?

    /// How long a yes may go unheard of, in nanoseconds. It is libzmq's own threads that hear it, so it is one whose
    /// peer had gone.
    private static let patience: Int64 = 500 * nanosecondsPerMillisecond
    private static let glance: Int64 = nanosecondsPerMillisecond
    /// The same where the yes may have gone with another connection.
    private static let patienceInVain: Int64 = 5 * nanosecondsPerMillisecond
    /// A greeting and WELCOME with its head.
    private static let beforeREADY: Int64 = 64 + 2 + 168
    /// A greeting, HELLO, and the shortest INITIATE: without it nobody has shown a key.
    static let throughINITIATE: Int64 = 64 + 2 + 200 + 2 + 257

    init(_ core: SocketCore, _ demand: AccessRules.Demand) {
        self.core = core
        self.demand = demand
    }

    var isOneByOne: Bool { if case .key = demand { true } else { false } }

    // MARK: For the doorkeeper

    func groups(of origin: PeerOrigin) -> [UInt32] {
        var common: Set<UInt32>?
        core?.locked {
            for (descriptor, newcomer) in core?.inHandshake ?? [] where PeerOrigin(newcomer.peer) == origin {
                let groups = PeerOrigin.groups(of: descriptor)
                // Another process's, if its connection has the descriptor by now.
                guard clinux_socket_cookie(descriptor) == newcomer.cookie else { continue }
                let own = Set(groups)
                common = common.map { $0.intersection(own) } ?? own
            }
        }
        return Array(common ?? [])
    }

    func admit(_ admission: Admission) {
        core?.locked {
            if isOneByOne {
                core?.entrance?.queue.wait(admission)
                goOn()
            } else {
                if admission.letIn(), let asker = admission.asker { meet(admission.peer, at: asker) }
            }
        }
    }

    func noteRefusal(_ refusal: Refusal, of key: ZMQCurvePublicKey?) {
        core?.locked { core?.entrance?.queue.note(.init(refusal: refusal, key: key), now: .now()) }
    }

    func endLinks(of keys: Set<ZMQCurvePublicKey>) {
        core?.locked {
            for link in core?.entrance?.queue.end(keys) ?? [] { clinux_end_connection(link.descriptor, link.cookie) }
        }
    }

    // MARK: With the socket's lock

    /// Whether READY has certainly not been written to a connection.
    func isBeforeReady(_ descriptor: Int32) -> Bool {
        let written = clinux_written(descriptor)
        return isOneByOne && 0..<Self.beforeREADY + AdmissionQueue.leastREADY ~= written
    }

    private func candidates(from origin: PeerOrigin) -> [AdmissionQueue.Candidate] {
        newcomers().compactMap { place, candidate in place == nil || place == origin ? candidate : nil }
    }

    /// Those who may be about to be let in, and where they are: nil for who was gone too soon to be looked at.
    private func newcomers() -> [(PeerOrigin?, AdmissionQueue.Candidate)] {
        guard let core else { return [] }
        var newcomers: [(PeerOrigin?, AdmissionQueue.Candidate)] = []
        for (descriptor, newcomer) in core.inHandshake where core.entrance?.queue.peer(at: descriptor) == nil {
            guard clinux_socket_cookie(descriptor) == newcomer.cookie || newcomer.peer == nil else { continue }
            let written = clinux_written(descriptor)
            if isOneByOne, written >= 0 {
                guard Self.beforeREADY..<Self.beforeREADY + AdmissionQueue.leastREADY ~= written,
                    Descriptors.inflow(descriptor)?.bytes ?? 0 >= Self.throughINITIATE
                else { continue }
            }
            let candidate = AdmissionQueue.Candidate(
                descriptor: descriptor,
                cookie: newcomer.cookie,
                written: written >= 0 ? written : nil
            )
            newcomers.append((newcomer.peer.map { PeerOrigin($0) }, candidate))
        }
        return newcomers
    }

    /// Lets in whose turn it is.
    func goOn() {
        if core?.entrance?.queue.isCrowded == true { letInAll() }
        while let core, let next = core.entrance?.queue.takeNext() {
            let candidates = candidates(from: next.origin)
            guard let number = core.entrance?.queue.begin(next.peer, from: next.origin, candidates) else { return }
            guard next.letIn() else {
                core.entrance?.queue.endTurn()
                continue
            }
            // Nothing comes of it, if it is still that one's turn.
            look(at: number, in: candidates.isEmpty ? Self.patienceInVain : Self.patience) { $0.giveUpTurn() }
        }
    }

    private func letInAll() {
        endAll(core?.entrance?.queue.giveUpTurn(now: .now()) ?? [])
        let newcomers = newcomers()
        let unplaced = newcomers.compactMap { place, candidate in place == nil ? candidate : nil }
        let placed = Dictionary(grouping: newcomers) { $0.0 }
        let all = core?.entrance?.queue.takeAll(now: .now()) { origin in
            unplaced + (placed[origin] ?? []).map(\.1)
        }
        for (_, candidate) in newcomers {
            if let known = core?.entrance?.queue.peer(at: candidate.descriptor) { name(known, at: candidate) }
        }
        for admission in all ?? [] { _ = admission.letIn() }
    }

    private func giveUpTurn() {
        endAll(core?.entrance?.queue.giveUpTurn(now: .now()) ?? [])
        goOn()
    }

    private func endAll(_ candidates: [AdmissionQueue.Candidate]) {
        for candidate in candidates { clinux_end_connection(candidate.descriptor, candidate.cookie) }
    }

    private func look(at number: UInt64, in nanoseconds: Int64, _ body: @escaping @Sendable (SocketDoor) -> Void) {
        let end = MonotonicInstant.now().advanced(byNanoseconds: nanoseconds)
        endLook()
        core?.entrance?.look = core?.context.supervisor.schedule(at: end) { [self] in
            core?.locked { if core?.entrance?.queue.turn?.number == number { body(self) } }
        }
    }

    private func endLook() {
        if let look = core?.entrance?.look { core?.context.supervisor.cancel(look) }
        core?.entrance?.look = nil
    }

    /// Another connection has the descriptor now, or none.
    func forget(_ descriptor: Int32) {
        guard let aftermath = core?.entrance?.queue.forget(descriptor) else { return }
        switch aftermath {
        case .none: break
        case .over: goOn()
        case .disturbed:
            // One that is done is looked at already.
            guard let turn = core?.entrance?.queue.turn, !turn.isDone else { return }
            look(at: turn.number, in: Self.patienceInVain) { $0.giveUpTurn() }
        }
    }

    /// A handshake is done: whose was it?
    func resolve() {
        guard let core, let turn = core.entrance?.queue.turn, turn.isDone else { return }
        let number = turn.number
        let resolution = core.entrance?.queue.resolve { candidate in
            let written = clinux_written(candidate.descriptor)
            return clinux_socket_cookie(candidate.descriptor) == candidate.cookie && written >= 0 ? written : nil
        }
        if case .found(let candidate, _) = resolution { name(turn.peer, at: candidate) }
        switch resolution {
        case .lookAgain: return look(at: number, in: Self.glance) { $0.resolve() }
        case .found(let candidate, mustEnd: true): endAll([candidate])
        case .unknown(let candidates): endAll(candidates)
        case .found, nil: break
        }
        endLook()
        goOn()
    }
}

extension PeerOrigin {
    /// Where somebody is who is known by the other end of a connection.
    init(_ peer: KnownPeer?) {
        guard let address = peer?.address else {
            self = .unknown
            return
        }
        guard address.hasPrefix("tcp://") else {
            self.init(address)
            return
        }
        let place = address.dropFirst("tcp://".count)
        let host = place.prefix(upTo: place.lastIndex(of: ":") ?? place.endIndex)
        self.init(host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host))
    }

    /// More than any process has, usually; one with more has none for us.
    private static let mostGroups: Int32 = 1_024

    static func groups(of descriptor: Int32) -> [UInt32] {
        unsafe withUnsafeTemporaryAllocation(of: gid_t.self, capacity: Int(mostGroups)) { groups in
            let count = unsafe clinux_peer_groups(descriptor, groups.baseAddress, mostGroups)
            return unsafe count > 0 ? Array(groups[..<Int(count)]) : []
        }
    }
}
