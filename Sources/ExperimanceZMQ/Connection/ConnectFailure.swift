// SPDX-License-Identifier: Apache-2.0

import LibC

/// Why an attempt to connect failed: a code, the errno behind it, and words for the person who has to do something.
package struct ConnectFailure: Error, Equatable, Sendable {
    package var code: ZMQSocketError.Code
    package var systemErrno: Int32?
    package var reason: String

    /// The same failure of another call.
    package init(_ error: ZMQSocketError) {
        self.init(code: error.code, systemErrno: error.systemErrno, reason: error.message)
    }

    /// Nothing came back from the address at all.
    static let noAnswer = ConnectFailure(
        code: .timeout,
        systemErrno: ETIMEDOUT,
        reason: "no answer in time: it was too short, the host is down, or a firewall drops the packets"
    )

    /// The kernel joined the connection to itself, as it may where nobody listens on a local port.
    static let itself = ConnectFailure(
        code: .refused,
        systemErrno: ECONNREFUSED,
        reason: "nothing listens there, and the connection met itself; is the service started?"
    )

    /// The connection was accepted, and then nothing.
    static let silent = ConnectFailure(
        code: .timeout,
        reason: "the connection was accepted but the peer says nothing; is it frozen, or not a ZeroMQ socket?"
    )

    /// The peer broke off in the handshake.
    static func brokenOff(errno number: Int32) -> ConnectFailure {
        ConnectFailure(
            code: .peerLost,
            systemErrno: number,
            reason: "the peer closed the connection during the handshake"
        )
    }

    /// libzmq found the peer's side of the handshake wrong, without saying how.
    static let handshakeRejected = ConnectFailure(
        code: .protocolError,
        reason: "the handshake failed; the peer is no ZMTP 3 socket, or one of a type that does not fit"
    )

    /// A peer that speaks the same mechanism broke off in the handshake.
    static let keyRejected = ConnectFailure(
        code: .security,
        reason: "the peer broke off the security handshake; is its key the expected one, and does it accept this one?"
    )

    /// A PAIR talks to one peer at a time.
    static let noPlace = ConnectFailure(
        code: .state,
        reason: "a PAIR has one peer at a time; the place is free when that is gone and all it sent has been received"
    )

    /// A ROUTER has handed the identity of a connection over.
    static let identityTaken = ConnectFailure(
        code: .state,
        reason: "a newer connection has brought the same identity, and the older one is not heard any more"
    )

    package init(code: ZMQSocketError.Code, systemErrno: Int32? = nil, reason: String) {
        self.code = code
        // libzmq's events have 0 where the system gave no reason.
        self.systemErrno = systemErrno == 0 ? nil : systemErrno
        self.reason = reason
    }

    /// Its own events could not be told from those of the peers it accepts.
    static let isOwnAddress = ConnectFailure(
        code: .invalid,
        systemErrno: EINVAL,
        reason: "the socket is bound to that address itself"
    )

    /// libzmq did not take the address.
    init(zmqErrno number: Int32) {
        self.init(
            code: ZMQSocketError.Code(errno: number),
            systemErrno: number,
            reason: "libzmq does not take the address: \(describe(errno: number))"
        )
    }

    /// The failure that an errno of connect(2) stands for.
    init(connectErrno number: Int32) {
        self.init(errno: number, of: .connect)
    }

    /// The failure that a monitor's handshake event stands for.
    init(_ failure: MonitorEvent.HandshakeFailure) {
        switch failure {
        case .connection(EAGAIN), .connection(ETIMEDOUT):
            self = .silent
        case .connection(let number):
            self = .brokenOff(errno: number)
        case .otherMechanism:
            self.init(code: .security, reason: "the peer uses another security mechanism")
        case .wrongKey:
            self.init(code: .security, reason: "the peer's key is not the expected one")
        case .protocolBreach(let breach):
            self.init(
                code: .protocolError,
                reason: "the peer broke the ZMTP protocol (libzmq error 0x\(String(breach, radix: 16)))"
            )
        case .authentication(let status):
            self.init(code: .security, reason: "the peer's authenticator rejected this client (ZAP status \(status))")
        }
    }
}

extension ConnectFailure {
    /// The error of a bind or connect that has failed for this reason.
    ///
    /// - Parameter task: what was tried, in words that the endpoint follows.
    func error(of task: String, _ endpoint: ExactText, attempts: Int, elapsed nanoseconds: Int64) -> ZMQSocketError {
        let elapsed = Duration.nanoseconds(nanoseconds)
        return ZMQSocketError(
            code,
            endpoint: endpoint.string,
            attempts: attempts,
            elapsed: elapsed,
            systemErrno: systemErrno,
            message: "\(task) \(endpoint) failed after \(attempts) attempt\(attempts == 1 ? "" : "s") in "
                + "\(elapsed.inWords): \(reason)"
        )
    }
}

extension ZMQEvent {
    /// An event for that reason.
    init(_ kind: Kind, _ failure: ConnectFailure, endpoint: String? = nil, attempt: Int? = nil) {
        self.init(
            kind,
            endpoint: endpoint,
            attempt: attempt,
            code: failure.code,
            systemErrno: failure.systemErrno,
            message: failure.reason
        )
    }

    /// What libzmq still had in the queue to an address goes nowhere.
    static func queueDropped(at address: NumericAddress, because reason: String) -> ZMQEvent {
        ZMQEvent(
            .queueDropped,
            code: .peerLost,
            message: "what was still queued for \(address.endpoint) is dropped: \(reason)"
        )
    }
}
