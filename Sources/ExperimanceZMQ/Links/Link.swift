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
    /// Other spellings of the same address that were connected to as well.
    private var aliases: Set<ExactText> = []
    private(set) var outcome: Outcome?
    /// The descriptor of the connection, by which messages name it.
    private(set) var descriptor: Int32?
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
    /// Keeps the connections that are being made from meeting themselves.
    var portHold: PortGuards.Hold?
    /// What will call when the machine wants to hear the time.
    var timer: (token: Supervisor.Token, at: MonotonicInstant)?
    /// The look at the address that is under way.
    private var probe: Probe?
    /// Tells the answer of the present probe from that of an older one.
    private(set) var probeNumber: UInt64 = 0

    init(number: UInt64, endpoint: Endpoint, configuration: ConnectStateMachine.Configuration) {
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

    /// The address libzmq has been told to connect to, if any.
    var currentAddress: NumericAddress? { machine.currentAddress }

    var nextTimer: MonotonicInstant? { machine.nextTimer }

    /// At least the one that is being made.
    var attempts: Int { max(1, machine.totalAttempts) }

    var lastFailure: ConnectFailure? { machine.lastFailure }

    /// What to say when the caller's deadline comes now.
    var failureAtDeadline: ConnectFailure { isInproc ? .nobodyBound : machine.failureAtDeadline }

    func answers(to text: ExactText) -> Bool {
        endpoint.text == text || aliases.contains(text)
    }

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
    func handle(_ input: ConnectStateMachine.Input, now: MonotonicInstant) -> [ConnectStateMachine.Action] {
        machine.handle(input, now: now)
    }

    /// The handshake is done.
    ///
    /// - Returns: whether it had been up before.
    func establish() -> Bool {
        descriptor = isInproc ? nil : machine.currentDescriptor
        portHold = nil
        wasSilent = false
        return hasBeenLost
    }

    /// The connection has another descriptor than was thought.
    ///
    /// - Returns: the former one.
    func move() -> Int32? {
        defer { descriptor = machine.currentDescriptor }
        return descriptor
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
        other.aliases.formUnion(aliases.union([endpoint.text]))
        if isWantedInBackground { other.keepInBackground() }
        cancelProbe()
        portHold = nil
        // Not performed: what it would take back is the other link's.
        _ = machine.handle(.stop, now: now)
        mergedInto = other
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
