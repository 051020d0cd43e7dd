// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ

/// Whose keys a socket has, and whom it lets in.
struct SecurityOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The socket's own keys, a file of `exz keys make`.", valueName: "file"))
    var keys: String?

    @Option(help: ArgumentHelp("Connect encrypted, to the server with the public key in this file.", valueName: "file"))
    var serverKey: String?

    @Option(
        help: ArgumentHelp(
            "Be a server with keys, and let in whose keys are in this file or directory.",
            valueName: "path"
        )
    )
    var allowKeys: String?

    @Flag(help: "Be a server with keys, and let in everybody who knows its public key.")
    var allowAnybody = false

    /// Whether there are any.
    var areGiven: Bool { keys != nil || serverKey != nil || isServer }

    private var isServer: Bool { allowKeys != nil || allowAnybody }

    func validate() throws {
        if serverKey != nil, isServer {
            throw ValidationError("--server-key is for clients, --allow-keys and --allow-anybody are for servers")
        }
        if allowKeys != nil, allowAnybody { throw ValidationError("either --allow-keys or --allow-anybody") }
        if isServer, keys == nil { throw ValidationError("a server needs --keys") }
        if keys != nil, serverKey == nil, !isServer {
            throw ValidationError(
                "--keys needs --server-key for a client, --allow-keys or --allow-anybody for a server"
            )
        }
    }

    /// What the socket is opened with; a client without keys of its own gets new ones.
    func security() throws(ZMQSocketError) -> ZMQSecurity? {
        if let serverKey {
            let own = if let keys { try ZMQCurveKeyPair(contentsOf: keys) } else { try ZMQCurveKeyPair() }
            return .curveClient(own, serverKey: try ZMQCurvePublicKey(contentsOf: serverKey))
        }
        guard let keys, isServer else { return nil }
        return .curveServer(try ZMQCurveKeyPair(contentsOf: keys), admitting: allowAnybody ? .anybody : .allowed)
    }

    /// Who decides for the socket; has to live as long as it.
    func authenticator() throws(ZMQSocketError) -> ZMQAuthenticator? {
        guard let allowKeys else { return nil }
        let authenticator = try ZMQAuthenticator()
        try authenticator.allowKeys(at: allowKeys)
        return authenticator
    }
}
