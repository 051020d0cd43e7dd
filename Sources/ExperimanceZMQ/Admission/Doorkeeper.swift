// SPDX-License-Identifier: Apache-2.0

/// A socket whose peers have to be let in.
protocol Door: AnyObject, Sendable {
    /// What it asks of them.
    var demand: AccessRules.Demand { get }

    /// The groups that all local peers have which may be the one from there.
    func groups(of origin: PeerOrigin) -> [UInt32]

    /// A question has come from there.
    ///
    /// - Returns: the connection whose it is, where that has to be known before it is answered and can be told.
    func asker(from origin: PeerOrigin) -> AdmissionCandidate?

    /// Lets a peer in, at once or when it is its turn.
    func admit(_ admission: Admission)

    /// A peer is about to be told no.
    func noteRefusal(_ refusal: Refusal, of key: ZMQCurvePublicKey?, from origin: PeerOrigin)

    /// Ends the links that were made with one of the keys.
    func endLinks(of keys: Set<ZMQCurvePublicKey>)
}

/// A peer that may come in.
struct Admission: Sendable {
    let peer: AdmittedPeer
    let origin: PeerOrigin
    /// Its connection, where that is known already.
    var asker: AdmissionCandidate?
    /// Tells libzmq so, unless the rules have changed since; to be called on the supervisor's thread, once.
    ///
    /// - Returns: whether the peer is let in and was still there.
    let letIn: @Sendable () -> Bool
}

/// Lets peers in, or not: the one handler of libzmq's questions (RFC 27) in a context.
///
/// It is there before the first socket that asks, and stays until the context ends: without a handler, or with one that
/// comes later, libzmq would let everybody in, or nobody. It works on the supervisor's thread and never waits there:
/// the rules are values, and the program is asked elsewhere. So what a monitor has said of a connection before its
/// question came has been heard of when that is decided.
package final class Doorkeeper: @unchecked Sendable {
    // Unchecked: `state` is behind its lock; the socket and what is under way belong to the supervisor's thread.
    private struct State {
        var authenticator: Authenticator?
        /// There has been one: from then on nobody is let in for want of another.
        var hasHadAuthenticator = false
        var doors: [UInt64: any Door] = [:]
        var lastDoor: UInt64 = 0
    }

    /// A peer that wants to come in.
    private struct Visit {
        let request: ZAPRequest
        let route: ZAPSocket.Route
        /// Nil where the socket has none of its own.
        let door: (any Door)?
        var question: AccessRules.Question
        /// Its connection, where that is known already.
        let asker: AdmissionCandidate?

        var key: ZMQCurvePublicKey? { if case .key(let key) = request.credentials { key } else { nil } }
    }

    /// One that the program has been asked about.
    private struct Pending {
        let visit: Visit
        let authenticator: Authenticator
        let alarm: Supervisor.Token
    }

    /// Of sockets that let everybody in: with any domain libzmq refuses ZMTP 1 and 2.
    static let openDomain = "experimance"
    /// Of sockets that are closed by default by the number of libzmq's option.
    static let closedDomain = openDomain + ".closed"

    private let socket: ZAPSocket
    private let supervisor: Supervisor
    private let state = Guarded(State())
    private var pending: [UInt64: Pending] = [:]
    private var lastPending: UInt64 = 0

    init(_ socket: ZAPSocket, _ supervisor: Supervisor) throws(ZMQSocketError) {
        self.socket = socket
        self.supervisor = supervisor
        try socket.begin { [weak self] question, route in self?.take(question, from: route) }
    }

    /// At the end of the context, on the supervisor's thread.
    func close() {
        let authenticator = state.withLock { state in
            defer { (state.authenticator, state.doors) = (nil, [:]) }
            return state.authenticator
        }
        authenticator?.end()
        for number in Array(pending.keys) { giveUp(number, .noAuthenticator) }
        socket.close()
    }

    // MARK: From any thread

    func take(_ authenticator: Authenticator) throws(ZMQSocketError) {
        try state.withLock { state throws(ZMQSocketError) in
            guard state.authenticator == nil else {
                throw ZMQSocketError(.state, message: "the context has an authenticator already")
            }
            (state.authenticator, state.hasHadAuthenticator) = (authenticator, true)
        }
    }

    func lose(_ authenticator: Authenticator) {
        state.withLock { if $0.authenticator === authenticator { $0.authenticator = nil } }
        supervisor.perform { [weak self] in self?.refusePending(of: authenticator) }
    }

    var hasAuthenticator: Bool { state.withLock { $0.authenticator != nil } }

    func endWaits() { state.withLock { $0.authenticator }?.endWaits() }

    /// - Returns: the door's number; libzmq is to name it by ``domain(of:)``.
    func open(_ door: any Door) -> UInt64 {
        state.withLock { state in
            state.lastDoor += 1
            state.doors[state.lastDoor] = door
            return state.lastDoor
        }
    }

    func shut(_ number: UInt64) {
        let door = state.withLock { $0.doors.removeValue(forKey: number) }
        withExtendedLifetime(door) {}
    }

    /// Calls back on the supervisor's thread when all has been looked at that has been asked by now.
    func settle(_ body: @escaping @Sendable () -> Void) { socket.settle(body) }

    static func domain(of number: UInt64) -> String { "\(openDomain).\(number)" }

    /// Whether a domain is one of this library's own, by which nobody else's sockets may be called.
    static func isOwn(domain: UnsafeRawBufferPointer) -> Bool {
        guard unsafe domain.starts(with: openDomain.utf8) else { return false }
        let rest = unsafe domain.dropFirst(openDomain.utf8.count)
        return unsafe rest.isEmpty || rest.first == UInt8(ascii: ".")
    }

    /// Ends the links that were made with one of the keys, which are not allowed any more.
    func endLinks(of keys: Set<ZMQCurvePublicKey>) {
        for door in state.withLock({ Array($0.doors.values) }) { door.endLinks(of: keys) }
    }

    // MARK: Questions

    private func take(_ question: ZAPQuestion, from route: ZAPSocket.Route) {
        switch ZAPRequest.read(question) {
        case .nothing: break
        case .unreadable(let number): _ = socket.send(.refused(number, .unreadable), to: route)
        case .request(let request): receive(request, from: route)
        }
    }

    private enum Place {
        /// A socket that lets everybody in.
        case open
        case door(any Door)
        /// A socket that was set up by the numbers of libzmq's options.
        case byNumber
        /// Of these one that lets nobody in but whom somebody allows.
        case closed
        /// A socket that is closing.
        case gone
    }

    private static func place(of domain: [UInt8], _ state: State) -> Place {
        let text = String(decoding: domain, as: UTF8.self)
        if text == openDomain { return .open }
        if text == closedDomain { return .closed }
        guard text.hasPrefix(openDomain + ".") else { return .byNumber }
        let number = UInt64(text.dropFirst(openDomain.count + 1))
        guard let number, let door = state.doors[number] else { return .gone }
        return .door(door)
    }

    private func receive(_ request: ZAPRequest, from route: ZAPSocket.Route) {
        let (authenticator, isOpen, place) = state.withLock { state in
            (state.authenticator, !state.hasHadAuthenticator, Self.place(of: request.domain, state))
        }
        var door: (any Door)?
        let demand: AccessRules.Demand
        switch (place, request.credentials) {
        case (.gone, _):
            _ = socket.send(.refused(request.number, .unreadable), to: route)
            return
        case (.door(let found), _): (door, demand) = (found, found.demand)
        case (_, .key): demand = .key(anybody: false)
        case (_, .password): demand = .password
        case (.open, .none): return letIn(request, from: route)
        // Before the first authenticator it asks for nothing, as in a context without a handler.
        case (.byNumber, .none) where isOpen: return letIn(request, from: route)
        case (.byNumber, .none), (.closed, .none): demand = .nothing
        }
        let question = AccessRules.Question(origin: request.origin, demand: demand, credentials: request.credentials)
        let asker = door?.asker(from: request.origin)
        decide(Visit(request: request, route: route, door: door, question: question, asker: asker), authenticator)
    }

    private func letIn(_ request: ZAPRequest, from route: ZAPSocket.Route) {
        _ = socket.send(.admitted(request.number, AdmittedPeer(userID: "")), to: route)
    }

    private func decide(_ visit: Visit, _ authenticator: Authenticator?) {
        guard let authenticator else { return decideAlone(visit) }
        var visit = visit
        if visit.request.origin.isLocal, let door = visit.door, authenticator.looksAtGroups {
            visit.question.otherGroups = door.groups(of: visit.request.origin)
        }
        switch authenticator.verdict(on: visit.question) {
        case .admitted(let peer): admit(peer, visit, authenticator, because: .admitted(peer))
        case .refused(let refusal): refuse(visit, refusal, authenticator)
        case .undecided: ask(visit, authenticator)
        }
    }

    /// Without an authenticator.
    private func decideAlone(_ visit: Visit) {
        guard case .key(anybody: true) = visit.question.demand, let key = visit.key, let door = visit.door else {
            return refuse(visit, .noAuthenticator, nil)
        }
        let peer = AdmittedPeer(userID: "", publicKey: key)
        door.admit(
            Admission(peer: peer, origin: visit.request.origin) { [weak self] in
                self?.socket.send(.admitted(visit.request.number, peer), to: visit.route) ?? false
            }
        )
    }

    /// - Parameter reason: what the rules have said: that it may come in, or to ask the program.
    private func admit(_ peer: AdmittedPeer, _ visit: Visit, _ authenticator: Authenticator, because reason: Verdict) {
        let admission = Admission(peer: peer, origin: visit.request.origin, asker: visit.asker) { [weak self] in
            guard let self else { return false }
            // The rules may have changed while it was not its turn, and what they say now be another thing: not only a
            // no, also to ask the program about a key that is not allowed any more. It is decided once more, without
            // the lock that is held here.
            guard authenticator.verdict(on: visit.question) == reason else {
                supervisor.perform { [weak self] in self?.decide(visit, authenticator) }
                return false
            }
            authenticator.note { $0.admitted &+= 1 }
            return socket.send(.admitted(visit.request.number, peer), to: visit.route)
        }
        if let door = visit.door { door.admit(admission) } else { _ = admission.letIn() }
    }

    private func refuse(_ visit: Visit, _ refusal: Refusal, _ authenticator: Authenticator?) {
        visit.door?.noteRefusal(refusal, of: visit.key, from: visit.request.origin)
        authenticator?.note { $0.count(refusal) }
        _ = socket.send(.refused(visit.request.number, refusal), to: visit.route)
    }

    // MARK: Questions to the program

    private func ask(_ visit: Visit, _ authenticator: Authenticator) {
        lastPending += 1
        let number = lastPending
        let end = authenticator.ask(AuthRequest(visit.request)) { [weak self] decision in
            guard let self else { return }
            supervisor.perform { [weak self] in self?.answered(number, decision, authenticator) }
        }
        guard let end else { return refuse(visit, .busy, authenticator) }
        let alarm = supervisor.schedule(at: end) { [weak self] in self?.giveUp(number, .late) }
        pending[number] = Pending(visit: visit, authenticator: authenticator, alarm: alarm)
        authenticator.note { $0.pending += 1 }
    }

    private func takePending(_ number: UInt64) -> Pending? {
        guard let found = pending.removeValue(forKey: number) else { return nil }
        supervisor.cancel(found.alarm)
        found.authenticator.note { $0.pending -= 1 }
        return found
    }

    private func answered(_ number: UInt64, _ decision: Decision, _ authenticator: Authenticator) {
        guard let asked = takePending(number) else { return authenticator.note { $0.lateDecisions &+= 1 } }
        guard case .admit(let userID) = decision else { return refuse(asked.visit, .decision, authenticator) }
        let peer = AdmittedPeer(userID: userID, publicKey: asked.visit.key)
        admit(peer, asked.visit, authenticator, because: .undecided)
    }

    private func giveUp(_ number: UInt64, _ refusal: Refusal) {
        guard let asked = takePending(number) else { return }
        refuse(asked.visit, refusal, asked.authenticator)
    }

    private func refusePending(of authenticator: Authenticator) {
        for (number, asked) in pending where asked.authenticator === authenticator {
            giveUp(number, .noAuthenticator)
        }
    }
}
