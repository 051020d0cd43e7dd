// SPDX-License-Identifier: Apache-2.0

/// One endpoint that a socket connects to, with what its state machine needs to act.
///
/// Touched with the socket's lock held only.
final class Link: @unchecked Sendable {
    // Unchecked: guarded by the lock of the socket it belongs to.
    /// How a verified connect ended.
    enum Outcome {
        case connected
        case failed(ConnectFailure)
    }

    let number: UInt64
    let endpoint: Endpoint
    let startedAt: MonotonicInstant
    private var machine: ConnectStateMachine
    /// Links that have the same address under another name, at present: this one stands for them.
    private var merged: [Link] = []
    private(set) var outcome: Outcome?
    /// The descriptor of the connection, by which messages name it.
    private(set) var descriptor: Int32?
    /// Who is there, or was when it was up last.
    private(set) var peer: KnownPeer?
    /// The kernel's name for the connection; 0 if there was none to be had.
    private(set) var cookie: UInt64 = 0
    /// Who is at the other end of the connection that was made last.
    private var newcomer = AcceptedConnection.Newcomer.unknown
    private var newDescriptor: Int32?
    /// As whom it was let in.
    private var admitted: KnownPeer?
    private(set) var hasBeenLost = false
    /// Goes on whatever becomes of a caller who waits for it.
    private(set) var isWantedInBackground: Bool
    /// Another link that has the same address under another name, and stands for this one.
    private(set) var mergedInto: Link?
    /// A link within the process has no machine at work: it is up while this one is bound.
    private(set) var inprocServer: InprocDirectory.Server?

    /// A signal ended the wait of a verified connect, whose caller may come back for it.
    var isInterrupted = false
    /// The last connection was ended because nothing came from the peer's host.
    var wasSilent = false
    /// The name service is looking for its address.
    var isResolving = false
    /// Messages that the socket had sent when the link was made.
    private var messagesBefore: UInt64 = 0
    /// Keeps the connections that are being made from meeting themselves.
    var portHold: PortGuards.Hold?
    /// What will call when the machine wants to hear the time.
    var timer: (token: Supervisor.Token, at: MonotonicInstant)?
    /// The look at the address that is under way.
    private var probe: Probe?
    /// Tells the answer of the present probe from that of an older one.
    private(set) var probeNumber: UInt64 = 0

    init(number: UInt64, endpoint: Endpoint, configuration: ConnectConfiguration) {
        self.number = number
        self.endpoint = endpoint
        startedAt = .now()
        isWantedInBackground = configuration.mode == .background
        machine = ConnectStateMachine(configuration)
    }

    // MARK: Questions

    var inprocName: ExactText? {
        if case .inproc(let name) = endpoint.target { name } else { nil }
    }

    var isInproc: Bool { inprocName != nil }

    var isEstablished: Bool { isInproc ? inprocServer != nil : machine.isEstablished }

    var hasBeenEstablished: Bool { machine.hasBeenEstablished }

    /// libzmq has a queue for it.
    var hasQueue: Bool { isInproc ? inprocServer != nil : machine.currentAddress != nil }

    /// An attempt is under way whose pipe is thrown away if it fails.
    var isAttempting: Bool { machine.isAttempting }

    /// It is being made again, and may turn out to be somewhere else.
    var mayMove: Bool { machine.mayMove }

    /// The address libzmq has been told to connect to, if any.
    var currentAddress: NumericAddress? { machine.currentAddress }

    /// The connection, if its handshake is not done.
    var inHandshake: (descriptor: Int32, AcceptedConnection.Newcomer)? {
        isInproc || isEstablished ? nil : newDescriptor.map { ($0, newcomer) }
    }

    var nextTimer: MonotonicInstant? { machine.nextTimer }

    /// How far it has come, in a word; see ``ConnectPhase/name``. Within the process a link waits for a bind.
    var stateName: String { isInproc ? (isEstablished ? "ready" : "waiting") : machine.phaseName }

    /// Its endpoint, and those of the links that it stands for.
    var allEndpoints: [Endpoint] { [endpoint] + merged.flatMap(\.allEndpoints) }

    var endpointCount: Int { merged.reduce(1) { $0 + $1.endpointCount } }

    /// Attempts that have been begun, since the start.
    var totalAttempts: Int { machine.totalAttempts }

    /// At least the one that is being made.
    var attempts: Int { max(1, machine.totalAttempts) }

    var lastFailure: ConnectFailure? { machine.lastFailure }

    /// What to say when the caller's deadline comes now.
    var failureAtDeadline: ConnectFailure { isInproc ? .nobodyBound : machine.failureAtDeadline }

    func answers(to text: ExactText) -> Bool {
        endpoint.text == text || merged.contains { $0.answers(to: text) }
    }

    /// Whether something may be queued for it, as far as that can be told.
    ///
    /// - Parameter messagesSent: those that the socket has sent by now.
    func mayHaveQueue(messagesSent: UInt64) -> Bool { hasBeenEstablished && messagesSent != messagesBefore }

    // MARK: Wishes

    /// The caller of a verified connect waits until then.
    func setDeadline(_ deadline: Deadline) { machine.setDeadline(deadline) }

    /// Somebody wants the link in the background, too.
    func keepInBackground() {
        isWantedInBackground = true
        machine.goOnInBackground()
    }

    /// The next attempt is made with keys or a password, or not.
    func setSecured(_ isSecured: Bool) { machine.isSecured = isSecured }

    // MARK: What happens

    /// Gives an input to the machine. What it answers is noted here first.
    func handle(_ input: ConnectInput, now: MonotonicInstant) -> [ConnectAction] {
        machine.handle(input, now: now)
    }

    /// A connection has been made, which may become the link.
    func meet(_ newcomer: AcceptedConnection.Newcomer, at descriptor: Int32) {
        (self.newcomer, newDescriptor, admitted) = (newcomer, descriptor, nil)
    }

    /// The connection's peer was let in as this.
    func meet(_ admitted: KnownPeer) {
        self.admitted = admitted
        if isEstablished { peer = (peer ?? KnownPeer()).admitted(as: admitted) }
    }

    func meet(_ admitted: KnownPeer, at descriptor: Int32, cookie: UInt64) {
        if newDescriptor == descriptor, newcomer.cookie == cookie { meet(admitted) }
    }

    /// The peer has turned out to have this identity.
    func note(identity: [UInt8]?) { peer?.identity = identity }

    /// The handshake is done.
    ///
    /// - Parameter messagesSent: those that the socket has sent by now.
    /// - Returns: whether it had been up before.
    func establish(messagesSent: UInt64 = 0) -> Bool {
        descriptor = isInproc ? nil : machine.currentDescriptor
        notePeer()
        messagesBefore = messagesSent
        portHold = nil
        wasSilent = false
        return hasBeenLost
    }

    /// The connection has another descriptor than was thought.
    ///
    /// - Returns: the former one.
    func move() -> Int32? {
        defer { descriptor = machine.currentDescriptor }
        notePeer()
        return descriptor
    }

    private func notePeer() {
        peer = newcomer.peer ?? machine.currentAddress.flatMap { KnownPeer(at: $0) }
        if let admitted { peer = (peer ?? KnownPeer()).admitted(as: admitted) }
        cookie = newcomer.cookie
    }

    /// The connection is gone.
    ///
    /// - Parameter isLost: not because this side ended it.
    /// - Returns: its descriptor.
    func end(isLost: Bool) -> Int32? {
        if isLost { hasBeenLost = true }
        defer { descriptor = nil }
        return descriptor
    }

    func finish(_ failure: ConnectFailure?) { outcome = failure.map { .failed($0) } ?? .connected }

    /// Another link has the same address, and stands for this one from now on.
    func merge(into other: Link, now: MonotonicInstant) {
        other.merged.append(self)
        if isWantedInBackground { other.keepInBackground() }
        cancelProbe()
        portHold = nil
        // Not performed: what it would take back is the other link's.
        _ = machine.handle(.stop, now: now)
        mergedInto = other
    }

    /// It may not have the address of those any more that it stands for.
    ///
    /// - Parameter all: also of those whose address can not change.
    /// - Returns: their endpoints, which are to have links of their own again.
    func release(all: Bool) -> [Endpoint] {
        let released = merged.filter { all || $0.endpoint.hasName }
        merged.removeAll { link in released.contains { $0 === link } }
        return released.map(\.endpoint) + released.flatMap { $0.release(all: true) }
    }

    // MARK: Within the process

    /// - Returns: whether it had been up before.
    func connect(to server: InprocDirectory.Server) -> Bool {
        inprocServer = server
        // For who waits for it and may not run before it is gone again.
        outcome = .connected
        return establish()
    }

    /// - Returns: who was at the other end.
    func leaveServer(isLost: Bool) -> InprocDirectory.Server? {
        if isLost { hasBeenLost = true }
        defer { inprocServer = nil }
        return inprocServer
    }

    /// It was up, and is to be made again.
    func noteInprocLoss() { hasBeenLost = true }

    // MARK: Probes

    /// A new look at an address is about to begin; answers of older ones are of no more interest.
    ///
    /// - Returns: the number of the new one.
    func renewProbe(_ make: (_ number: UInt64) -> Probe) {
        cancelProbe()
        probe = make(probeNumber)
    }

    /// The answer of a probe has come.
    ///
    /// - Returns: whether it is that of the present one.
    func probeHasAnswered(_ number: UInt64) -> Bool {
        guard number == probeNumber else { return false }
        probe = nil
        return true
    }

    func cancelProbe() {
        probeNumber += 1
        probe?.cancel()
        probe = nil
    }
}

extension ConnectFailure {
    /// Within the process there is no waiting for an answer: a name is bound or not.
    static let nobodyBound = ConnectFailure(code: .refused, reason: "no socket of this context is bound there")
}
