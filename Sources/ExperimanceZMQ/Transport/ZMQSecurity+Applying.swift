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
        case .curveServer(let keys, _), .curveClient(let keys, _):
            unsafe Self.overwrite(ZMQ_CURVE_SECRETKEY, size: keys.secretKey.count, of: socket)
        case .plainClient(let credentials):
            unsafe Self.overwrite(ZMQ_PLAIN_PASSWORD, size: credentials.password.count, of: socket)
        case .plainServer, .guarded:
            break
        }
    }

    /// The same of an option that is a secret.
    ///
    /// - Parameter size: of the value that it had, so that the other one takes the same place.
    static func overwrite(_ option: Int32, size: Int, of socket: RawSocket) {
        // A key comes as text, too, and libzmq has its bytes.
        let size = option == ZMQ_CURVE_SECRETKEY ? CurveKeyText.size : size
        _ = unsafe ZMQ.set(socket, option: option, to: String(repeating: "-", count: size))
    }
}
