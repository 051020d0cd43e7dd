// SPDX-License-Identifier: Apache-2.0

/// How the connections of a socket are protected, and which side of it the socket is.
///
/// Which of a connection's ends is bound has nothing to do with which is the server. Both need the same mechanism: a
/// peer that has another one, or none, is rejected. Connections within the process (`inproc`) have none, whatever is
/// said here.
public struct ZMQSecurity: Hashable, Sendable {
    /// Whom a server lets in.
    public enum Admission: Hashable, Sendable {
        /// Those whom the context's authenticator allows, and without one nobody.
        case allowed
        /// Everybody who knows the server's public key.
        case anybody
    }

    package enum Form: Hashable, Sendable {
        case curveServer(ZMQCurveKeyPair, Admission)
        case curveClient(ZMQCurveKeyPair, serverKey: ZMQCurvePublicKey)
        case plainServer
        case plainClient(PlainCredentials)
        case guarded
    }

    package let form: Form

    private init(_ form: Form) { self.form = form }

    /// Encrypted, as the side that lets others in.
    ///
    /// - Parameters:
    ///   - keys: the server's own. The clients need its public key.
    ///   - admission: closed by default: nobody comes in but whom the context's authenticator allows.
    public static func curveServer(_ keys: ZMQCurveKeyPair, admitting admission: Admission = .allowed) -> ZMQSecurity {
        ZMQSecurity(.curveServer(keys, admission))
    }

    /// Encrypted, as the side that proves who it is and knows whom it wants.
    ///
    /// - Parameters:
    ///   - keys: the client's own.
    ///   - serverKey: the public key of the server.
    public static func curveClient(_ keys: ZMQCurveKeyPair, serverKey: ZMQCurvePublicKey) -> ZMQSecurity {
        ZMQSecurity(.curveClient(keys, serverKey: serverKey))
    }

    /// Not encrypted: whoever sees the connection has the name and the password. For peers that have nothing better.
    ///
    /// - Parameters:
    ///   - username: 1 to 255 bytes in UTF-8.
    ///   - password: the same. The text is the caller's, and is not wiped.
    /// - Throws: `invalid` for another length; `noMemory`.
    public static func plainClient(username: String, password: String) throws(ZMQSocketError) -> ZMQSecurity {
        var text = password
        return try text.withContiguousBytes { (bytes) throws(ZMQSocketError) in
            try unsafe plainClient(username: Array(username.utf8), password: bytes)
        }
    }

    /// Not encrypted, as the side that is given names and passwords. Nobody comes in but whom the context's
    /// authenticator allows.
    public static var plainServer: ZMQSecurity { ZMQSecurity(.plainServer) }

    /// Not encrypted, and without keys: the context's authenticator decides by the peer's address. Nobody comes in but
    /// whom it allows.
    public static var guarded: ZMQSecurity { ZMQSecurity(.guarded) }

    package static func plainClient(
        username: [UInt8],
        password: UnsafeRawBufferPointer
    ) throws(ZMQSocketError) -> ZMQSecurity {
        try ZMQSecurity(.plainClient(unsafe PlainCredentials(username: username, password: password)))
    }

    /// The socket's own key.
    package var publicKey: ZMQCurvePublicKey? {
        switch form {
        case .curveServer(let keys, _), .curveClient(let keys, _): keys.publicKey
        case .plainServer, .plainClient, .guarded: nil
        }
    }

    /// Somebody has to say who may come in: the context's ZAP handler is asked at each handshake.
    package var needsHandler: Bool {
        switch form {
        case .curveServer, .plainServer, .guarded: true
        case .curveClient, .plainClient: false
        }
    }

    /// Who comes in without being allowed: everybody with the server's public key.
    package var admitsAnybody: Bool {
        if case .curveServer(_, .anybody) = form { true } else { false }
    }
}

extension ZMQSecurity: CustomStringConvertible {
    /// The mechanism, the side, and what is public of it.
    public var description: String {
        switch form {
        case .curveServer(let keys, .allowed): "CURVE server \(keys.publicKey), admitting allowed"
        case .curveServer(let keys, .anybody): "CURVE server \(keys.publicKey), admitting anybody"
        case .curveClient(let keys, let serverKey): "CURVE client \(keys.publicKey) of \(serverKey)"
        case .plainServer: "PLAIN server"
        case .plainClient(let credentials): "PLAIN client \(String(printable: credentials.username))"
        case .guarded: "guarded"
        }
    }
}

/// A name and a password.
package struct PlainCredentials: Sendable {
    package let username: [UInt8]
    package let password: SecretBytes

    init(username: [UInt8], password: UnsafeRawBufferPointer) throws(ZMQSocketError) {
        for (name, count) in [("username", username.count), ("password", password.count)] {
            guard 1...255 ~= count else {
                throw ZMQSocketError(.invalid, message: "\(name) has \(count) bytes, 1 to 255 are allowed")
            }
        }
        self.username = username
        self.password = try unsafe SecretBytes(copying: password)
    }
}

extension PlainCredentials: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.username == right.username && left.password.isSame(as: right.password)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(username) }
}

extension PlainCredentials: CustomStringConvertible {
    package var description: String { String(printable: username) }
}
