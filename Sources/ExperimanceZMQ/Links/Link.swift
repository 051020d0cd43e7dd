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
    var machine: ConnectStateMachine
    /// Other spellings of the same address that were connected to as well.
    var aliases: Set<ExactText> = []
    var outcome: Outcome?
    /// The descriptor of the connection, by which messages name it.
    var descriptor: Int32?
    var hasBeenLost = false
    /// The last connection was ended because nothing came from the peer's host.
    var wasSilent = false
    /// Goes on whatever becomes of a caller who waits for it.
    var isWantedInBackground: Bool
    /// Another link that has the same address under another name, and stands for this one.
    var mergedInto: Link?
    /// A signal ended the wait of a verified connect, whose caller may come back for it.
    var isInterrupted = false
    var timer: (token: Supervisor.Token, at: MonotonicInstant)?
    var probe: Probe?
    /// Tells the answer of the present probe from that of an older one.
    var probeNumber: UInt64 = 0
    /// A link within the process has no machine at work: it is up while this one is bound.
    var inprocServer: InprocDirectory.Server?

    init(number: UInt64, endpoint: Endpoint, configuration: ConnectStateMachine.Configuration) {
        self.number = number
        self.endpoint = endpoint
        startedAt = .now()
        isWantedInBackground = configuration.mode == .background
        machine = ConnectStateMachine(configuration)
    }

    var isInproc: Bool {
        if case .inproc = endpoint.target { true } else { false }
    }

    var isEstablished: Bool { isInproc ? inprocServer != nil : machine.isEstablished }

    func answers(to text: ExactText) -> Bool {
        endpoint.text == text || aliases.contains(text)
    }
}
