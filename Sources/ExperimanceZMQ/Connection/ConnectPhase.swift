// SPDX-License-Identifier: Apache-2.0

/// An attempt of the machine's own.
struct ConnectAttempt {
    var address: NumericAddress
    let start: MonotonicInstant
    var end: MonotonicInstant
    /// When an accepted connection without a handshake gets suspicious.
    var suspicionAt: MonotonicInstant?
    /// libzmq has begun: what it says from here on is about this attempt.
    var isUnderWay = false
    var descriptor: Int32?
    var handshakeFailure: MonitorEvent.HandshakeFailure?
}

/// A link that has been up, and is made again by libzmq.
struct ConnectRecovery {
    var address: NumericAddress
    /// Without an announcement by then, libzmq has given up.
    var announcementBy: MonotonicInstant?
    var descriptor: Int32?
    var handshakeFailure: MonitorEvent.HandshakeFailure?
    /// `connecting` has been reported for the current attempt.
    var isReported = false
    /// What a failed attempt is taken for, while a probe looks for its reason.
    var presumed: ConnectFailure?
    /// What became of the name meanwhile; nil for an address in numbers.
    var name: NameRecovery?
    /// The delay libzmq announced while the reason was not known yet.
    var heldDelay: Int32?

    var isProbing: Bool { presumed != nil }
}

/// How far a link has come, and what follows from that alone.
enum ConnectPhase {
    case idle
    case resolving(end: MonotonicInstant)
    case connecting(ConnectAttempt)
    /// A probe looks whether there is somebody to connect to.
    case scouting(NumericAddress, end: MonotonicInstant)
    case investigating(NumericAddress, presumed: ConnectFailure, end: MonotonicInstant)
    case waiting(until: MonotonicInstant)
    case established(NumericAddress, descriptor: Int32?)
    case recovering(ConnectRecovery)
    case finished

    /// How far it is, in a word for people.
    var name: String {
        switch self {
        case .idle, .finished: "ended"
        case .resolving: "resolving"
        case .connecting, .scouting, .investigating: "connecting"
        case .waiting: "waiting"
        case .established: "ready"
        case .recovering: "reconnecting"
        }
    }

    var isEstablished: Bool {
        if case .established = self { true } else { false }
    }

    /// An attempt is under way whose pipe is thrown away if it fails: nothing may be sent into it.
    var isAttempting: Bool {
        if case .connecting = self { true } else { false }
    }

    /// It is being made again, and may turn out to be somewhere else: what is sent to it now could be lost.
    var mayMove: Bool {
        if case .recovering(let recovering) = self { recovering.name != nil } else { false }
    }

    /// The address libzmq has been told to connect to, if any.
    var address: NumericAddress? {
        switch self {
        case .connecting(let attempting): attempting.address
        case .established(let address, _): address
        case .recovering(let recovering): recovering.address
        case .idle, .resolving, .scouting, .investigating, .waiting, .finished: nil
        }
    }

    /// The descriptor of the established connection.
    var descriptor: Int32? {
        if case .established(_, let descriptor) = self { descriptor } else { nil }
    }

    /// When the machine wants to hear `timer`.
    var nextTimer: MonotonicInstant? {
        switch self {
        case .idle, .established, .finished: nil
        case .resolving(let end): end
        case .connecting(let attempting):
            min(attempting.end, attempting.suspicionAt ?? attempting.end)
        case .scouting(_, let end), .investigating(_, _, let end): end
        case .waiting(let until): until
        case .recovering(let recovering):
            [recovering.announcementBy, recovering.name?.nextTimer(canLook: !recovering.isProbing)]
                .compactMap { $0 }.min()
        }
    }
}
