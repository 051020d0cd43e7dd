// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ

/// Which keys or password a socket has, and whom it lets in.
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

    @Option(
        help: ArgumentHelp(
            "Connect under this name, with the password in --password-file; nothing is encrypted.",
            valueName: "name"
        )
    )
    var user: String?

    @Option(
        help: ArgumentHelp("The password, the only line of this file. Only its owner may read it.", valueName: "file")
    )
    var passwordFile: String?

    @Option(
        help: ArgumentHelp(
            "Let in who has a password in this file, which has a line NAME:PASSWORD for each and only its owner may "
                + "read; nothing is encrypted.",
            valueName: "file"
        )
    )
    var allowPasswords: String?

    /// Whether there are any.
    var areGiven: Bool {
        keys != nil || serverKey != nil || isServer || user != nil || allowPasswords != nil
    }

    private var isServer: Bool { allowKeys != nil || allowAnybody }

    func validate() throws {
        if serverKey != nil, isServer {
            throw ValidationError("--server-key is for clients, --allow-keys and --allow-anybody are for servers")
        }
        if allowKeys != nil, allowAnybody { throw ValidationError("either --allow-keys or --allow-anybody") }
        if isServer, keys == nil { throw ValidationError("a server needs --keys") }
        if (user == nil) != (passwordFile == nil) {
            throw ValidationError("--user and --password-file need each other")
        }
        if user != nil, allowPasswords != nil {
            throw ValidationError("--user is for clients, --allow-passwords is for servers")
        }
        if user != nil || allowPasswords != nil, keys != nil || serverKey != nil || isServer {
            throw ValidationError("either keys or passwords: a socket has one of them")
        }
        if keys != nil, serverKey == nil, !isServer {
            throw ValidationError(
                "--keys needs --server-key for a client, --allow-keys or --allow-anybody for a server"
            )
        }
    }

    /// What the socket is opened with; a client without keys of its own gets new ones.
    func security() throws -> ZMQSecurity? {
        if let user, let passwordFile {
            return try .plainClient(username: user, password: Passwords.only(in: passwordFile))
        }
        if allowPasswords != nil { return .plainServer }
        if let serverKey {
            let own = if let keys { try ZMQCurveKeyPair(contentsOf: keys) } else { try ZMQCurveKeyPair() }
            return .curveClient(own, serverKey: try ZMQCurvePublicKey(contentsOf: serverKey))
        }
        guard let keys, isServer else { return nil }
        return .curveServer(try ZMQCurveKeyPair(contentsOf: keys), admitting: allowAnybody ? .anybody : .allowed)
    }

    /// Who decides for the socket; has to live as long as it.
    func authenticator() throws -> ZMQAuthenticator? {
        guard allowKeys != nil || allowPasswords != nil else { return nil }
        let authenticator = try ZMQAuthenticator()
        if let allowKeys { try authenticator.allowKeys(at: allowKeys) }
        if let allowPasswords { try Passwords.allow(allAt: allowPasswords, authenticator) }
        return authenticator
    }
}
