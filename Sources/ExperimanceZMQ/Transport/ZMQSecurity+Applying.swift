// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

extension ZMQSecurity {
    /// Sets the options of a new libzmq socket.
    func apply(to socket: RawSocket) throws(ZMQSocketError) {
        func check(_ status: Int32, _ name: String) throws(ZMQSocketError) {
            guard status == 0 else { throw ZMQSocketError(errno: status, doing: "libzmq does not accept \(name)") }
        }
        func set(_ option: Int32, _ bytes: UnsafeRawBufferPointer, _ name: String) throws(ZMQSocketError) {
            try unsafe check(ZMQ.set(socket, option: option, to: bytes), name)
        }
        func setOwn(_ keys: ZMQCurveKeyPair) throws(ZMQSocketError) {
            try keys.publicKey.withBytes { (bytes) throws(ZMQSocketError) in
                try unsafe set(ZMQ_CURVE_PUBLICKEY, bytes, "public_key")
            }
            try keys.secretKey.withBytes { (bytes) throws(ZMQSocketError) in
                try unsafe set(ZMQ_CURVE_SECRETKEY, bytes, "secret_key")
            }
        }
        switch form {
        case .curveServer(let keys, _):
            try setOwn(keys)
            try unsafe check(ZMQ.set(socket, option: ZMQ_CURVE_SERVER, to: Int32(1)), "a CURVE server")
        case .curveClient(let keys, let serverKey):
            try setOwn(keys)
            try serverKey.withBytes { (bytes) throws(ZMQSocketError) in
                try unsafe set(ZMQ_CURVE_SERVERKEY, bytes, "server_key")
            }
        case .plainServer:
            try unsafe check(ZMQ.set(socket, option: ZMQ_PLAIN_SERVER, to: Int32(1)), "a PLAIN server")
        case .plainClient(let credentials):
            let status = unsafe credentials.username.withUnsafeBytes {
                unsafe ZMQ.set(socket, option: ZMQ_PLAIN_USERNAME, to: $0)
            }
            try check(status, "username")
            try credentials.password.withBytes { (bytes) throws(ZMQSocketError) in
                try unsafe set(ZMQ_PLAIN_PASSWORD, bytes, "password")
            }
        case .guarded:
            break
        }
        // Without a handler libzmq refuses everybody then, where it would let everybody in.
        if needsHandler {
            try unsafe check(ZMQ.setEnforcesDomain(of: socket, to: true), "closed by default")
        }
    }

    /// Overwrites what libzmq has of a secret in a socket that makes no more connections. What it has copied for those
    /// that there are is out of reach.
    func forgetSecrets(of socket: RawSocket) {
        switch form {
        case .curveServer, .curveClient:
            let zeros = InlineArray<32, UInt8>(repeating: 0)
            unsafe withUnsafeBytes(of: zeros) { _ = unsafe ZMQ.set(socket, option: ZMQ_CURVE_SECRETKEY, to: $0) }
        case .plainClient(let credentials):
            // As long as it was, so that it takes the same place.
            let filler = String(repeating: "-", count: credentials.password.count)
            _ = unsafe ZMQ.set(socket, option: ZMQ_PLAIN_PASSWORD, to: filler)
        case .plainServer, .guarded:
            break
        }
    }
}
