// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// The door of a socket. What it knows is the socket's (``Entrance``).
final class SocketDoor: Door {
    let demand: AccessRules.Demand
    weak let core: SocketCore?

    /// How long a yes may go unheard of, in nanoseconds. It is libzmq's own threads that hear it, so it is one whose
    /// peer had gone.
    private static let patience: Int64 = 500 * nanosecondsPerMillisecond
    private static let glance: Int64 = nanosecondsPerMillisecond
    /// The same where the one it is for may be gone.
    private static let patienceInVain: Int64 = 5 * nanosecondsPerMillisecond
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

    func noteRefusal(_ refusal: Refusal, of key: ZMQCurvePublicKey?, from origin: PeerOrigin) {
        core?.locked {
            let candidates = candidates(from: origin).map(\.descriptor)
            core?.entrance?.refused.add(.init(refusal: refusal, key: key), candidates)
        }
    }

    func endLinks(of keys: Set<ZMQCurvePublicKey>) {
        core?.locked {
            for link in core?.entrance?.queue.end(keys) ?? [] { clinux_end_connection(link.descriptor, link.cookie) }
        }
    }

    // MARK: With the socket's lock

    private func candidates(from origin: PeerOrigin) -> [AdmissionQueue.Candidate] {
        newcomers().compactMap { place, candidate in place == nil || place == origin ? candidate : nil }
    }

    /// Those who may be about to be let in, and where they are: nil for who was gone too soon to be looked at.
    private func newcomers() -> [(PeerOrigin?, AdmissionQueue.Candidate)] {
        guard let core else { return [] }
        var newcomers: [(PeerOrigin?, AdmissionQueue.Candidate)] = []
        for (descriptor, newcomer) in core.inHandshake where core.entrance?.queue.peer(at: descriptor) == nil {
            guard let candidate = candidate(descriptor, newcomer) else { continue }
            newcomers.append((newcomer.peer.map { PeerOrigin($0) }, candidate))
        }
        return newcomers
    }

    /// There may be hundreds in their handshake who have not come as far: the first question is whether one has.
    private func candidate(
        _ descriptor: Int32,
        _ newcomer: AcceptedConnection.Newcomer
    ) -> AdmissionQueue.Candidate? {
        var written: Int64?
        if isOneByOne, let received = Descriptors.inflow(descriptor)?.bytes {
            let stage = HandshakeSize.curveServer.stage(received: received) {
                written = Descriptors.written(descriptor)
                return written
            }
            guard stage == .unclear else { return nil }
        }
        guard clinux_socket_cookie(descriptor) == newcomer.cookie || newcomer.peer == nil else { return nil }
        return AdmissionQueue.Candidate(descriptor: descriptor, cookie: newcomer.cookie, written: written)
    }

    /// Lets in whose turn it is. Not while there is more that a monitor has said: who asks may not be known of yet, and
    /// would have come in without a trace.
    func goOn() {
        guard core?.entrance?.askers.isBehind == false else { return }
        if core?.entrance?.queue.isCrowded == true { letInAll() }
        while let core, let next = core.entrance?.queue.takeNext() {
            let candidates = candidates(from: next.origin)
            guard let number = core.entrance?.queue.begin(next.peer, from: next.origin, candidates) else { return }
            guard next.letIn() else {
                core.entrance?.queue.endTurn()
                continue
            }
            if candidates.isEmpty, isOneByOne, next.origin.isNetwork {
                // The kernel knows of nobody there who could hear it: that one is gone.
                _ = core.entrance?.queue.giveUpTurn(now: .now())
                continue
            }
            // Nothing comes of it, if it is still that one's turn.
            look(at: number, in: candidates.isEmpty ? Self.patienceInVain : Self.patience) { $0.giveUpTurn() }
        }
        hurry()
    }

    /// Has others not wait long for one who may be gone.
    private func hurry() {
        guard let core, let turn = core.entrance?.queue.turn, !turn.isDone, !turn.isHurried,
            let askers = core.entrance?.queue.askers(from: turn.origin), askers > 1,
            askers > candidates(from: turn.origin).count, core.entrance?.queue.hurry() == true
        else { return }
        look(at: turn.number, in: Self.patienceInVain) { $0.giveUpTurn() }
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
        core?.entrance?.refused.exclude(descriptor)
        guard let aftermath = core?.entrance?.queue.forget(descriptor) else { return }
        switch aftermath {
        case .none: break
        case .over: goOn()
        case .disturbed:
            // One that is done is looked at already.
            guard let turn = core?.entrance?.queue.turn, core?.entrance?.queue.hurry() == true else { return }
            look(at: turn.number, in: Self.patienceInVain) { $0.giveUpTurn() }
        }
    }

    /// A handshake is done: whose was it?
    func resolve() {
        guard let core, let turn = core.entrance?.queue.turn, turn.isDone else { return }
        let number = turn.number
        let resolution = core.entrance?.queue.resolve { candidate in
            let written = Descriptors.written(candidate.descriptor)
            return clinux_socket_cookie(candidate.descriptor) == candidate.cookie ? written : nil
        }
        if case .found(let candidate, _) = resolution { name(turn.peer, at: candidate) }
        core.bound.lookAgain { core.inflow(of: $0) }
        switch resolution {
        case .lookAgain: return look(at: number, in: Self.glance) { $0.resolve() }
        case .found(let candidate, let mustEnd):
            core.bound.hasSubscribed(candidate.descriptor, cookie: candidate.cookie)
            core.entrance?.refused.exclude(candidate.descriptor)
            if mustEnd { endAll([candidate]) }
        case .unknown(let candidates): endAll(candidates)
        case nil: break
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
