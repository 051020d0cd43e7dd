// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// One event of a libzmq socket monitor (version 1 of the format: 16 bits of event, 32 bits of value, an address).
struct MonitorEvent: Equatable, Sendable {
    /// Why a handshake failed.
    enum HandshakeFailure: Equatable, Sendable {
        /// The connection broke, or nothing came in time: an errno.
        case connection(errno: Int32)
        /// A breach of ZMTP: one of libzmq's `ZMQ_PROTOCOL_ERROR_…`.
        case protocolBreach(UInt32)

        static let otherMechanism = protocolBreach(UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH))
        /// An ERROR, and a HELLO, without the content it has to have.
        static let emptyError = protocolBreach(UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR))
        static let emptyHello = protocolBreach(UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO))
        static let wrongKey = protocolBreach(UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC))
        /// The authenticator said no: a ZAP status code.
        case authentication(status: UInt32)

        /// Who came was a probe (``PeerIntroduction/farewell``).
        var isProbe: Bool { self == .emptyError || self == .emptyHello }
    }

    enum Kind: Equatable, Sendable {
        case connectDelayed
        case connected(descriptor: Int32)
        case connectRetried(milliseconds: Int32)
        case listening(descriptor: Int32)
        case accepted(descriptor: Int32)
        case closed
        case disconnected(descriptor: Int32)
        case handshakeSucceeded
        case handshakeFailed(HandshakeFailure)
        case monitorStopped
        case other

        /// Whether a connection has been made with this descriptor.
        func begins(_ descriptor: Int32) -> Bool {
            self == .accepted(descriptor: descriptor) || self == .connected(descriptor: descriptor)
        }
    }

    let kind: Kind
    /// The remote endpoint of a link made by connecting, the local one of a link made by accepting.
    let address: String

    /// What a monitor is asked for. Not `ACCEPT_FAILED`: a process out of descriptors gets a million of them a second.
    static let mask: Int32 = [
        ZMQ_EVENT_CONNECTED, ZMQ_EVENT_CONNECT_DELAYED, ZMQ_EVENT_CONNECT_RETRIED, ZMQ_EVENT_LISTENING,
        ZMQ_EVENT_ACCEPTED, ZMQ_EVENT_CLOSED, ZMQ_EVENT_DISCONNECTED, ZMQ_EVENT_MONITOR_STOPPED,
        ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, ZMQ_EVENT_HANDSHAKE_SUCCEEDED, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL,
        ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
    ].reduce(0, |)

    init(kind: Kind, address: String) {
        self.kind = kind
        self.address = address
    }

    /// Reads the first frame; nil if it is not six bytes long.
    init?(frame: UnsafeRawBufferPointer, address: String) {
        guard frame.count == 6 else { return nil }
        let event = unsafe Int32(frame.loadUnaligned(as: UInt16.self))
        let value = unsafe frame.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
        let number = Int32(bitPattern: value)
        kind =
            switch event {
            case ZMQ_EVENT_CONNECT_DELAYED: .connectDelayed
            case ZMQ_EVENT_CONNECTED: .connected(descriptor: number)
            case ZMQ_EVENT_CONNECT_RETRIED: .connectRetried(milliseconds: number)
            case ZMQ_EVENT_LISTENING: .listening(descriptor: number)
            case ZMQ_EVENT_ACCEPTED: .accepted(descriptor: number)
            case ZMQ_EVENT_CLOSED: .closed
            case ZMQ_EVENT_DISCONNECTED: .disconnected(descriptor: number)
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .handshakeSucceeded
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: .handshakeFailed(.connection(errno: number))
            case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: .handshakeFailed(.protocolBreach(value))
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: .handshakeFailed(.authentication(status: value))
            case ZMQ_EVENT_MONITOR_STOPPED: .monitorStopped
            default: .other
            }
        self.address = address
    }
}
