// SPDX-License-Identifier: Apache-2.0

import LibC

/// What a probe found at an address.
enum ProbeVerdict: Equatable, Sendable {
    /// connect(2) failed.
    case connectFailed(errno: Int32)
    /// The process is denied what libzmq does with the socket of a connection, and gives the connection up without.
    case denied(errno: Int32)
    /// The connection was closed before the peer had introduced itself; 0 for an orderly end.
    case closedEarly(errno: Int32)
    /// Connected, but no byte came.
    case silent
    /// Something that does not speak ZMTP.
    case foreign(String)
    /// A ZMTP peer of a version before 3.
    case oldProtocol(major: UInt8)
    /// A ZMTP 3 peer with another security mechanism.
    case otherMechanism(String)
    /// A ZMTP 3 peer of a socket type that does not fit.
    case otherType(String, ours: ZMQSocketType)
    /// A ZMTP 3 peer with nothing wrong that shows before the handshake is finished.
    case fits

    /// The failure this proves, whatever else may be known: nil where it proves nothing.
    var certainFailure: ConnectFailure? {
        switch self {
        case .foreign(let what):
            ConnectFailure(code: .protocolError, reason: "\(what) answers there, not a ZeroMQ socket")
        case .oldProtocol(let major):
            ConnectFailure(
                code: .protocolError,
                reason: "the peer speaks ZMTP \(major), this library speaks ZMTP 3 (libzmq 4 and later)"
            )
        case .otherMechanism(let name):
            ConnectFailure(
                code: .security,
                reason: "the peer wants the security mechanism \(String(printable: name.utf8))"
            )
        case .otherType(let name, let ours):
            ConnectFailure(
                code: .protocolError,
                reason: "the peer is a \(String(printable: name.utf8)) socket, "
                    + "a \(ours.name) socket can not talk to it"
            )
        case .connectFailed, .denied, .closedEarly, .silent, .fits:
            nil
        }
    }

    /// The failure of an attempt that libzmq reported as `presumed`, in the light of this finding.
    func refine(_ presumed: ConnectFailure) -> ConnectFailure {
        if let certainFailure { return certainFailure }
        // Without a peer that is there and has the same mechanism it was no matter of keys.
        if presumed == .keyRejected { return self == .fits ? presumed : .brokenOff(errno: 0) }
        guard presumed.code == .refused else { return presumed }
        return switch self {
        case .connectFailed(let number): ConnectFailure(connectErrno: number)
        case .denied(let number): ConnectFailure(errno: number, of: .socket)
        case .closedEarly(let number): .brokenOff(errno: number)
        case .silent: .silent
        default: presumed
        }
    }
}
