// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import ExperimanceZMQ

/// Security that is refused, as all languages are tested with it.
struct BadSecurity: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let code: ZMQSocketError.Code
    let field: String
    private let said: [String: String]
    private let line: DataLine

    static func all() throws -> [BadSecurity] {
        try DataLine.read("bad-security.tsv", columns: 4).map(BadSecurity.init)
    }

    private init(_ line: DataLine) throws {
        self.line = line
        testDescription = line.description
        code = try line.code(line.columns[1])
        field = line.columns[2]
        let pairs = try line.columns[0].split(separator: " ").map { change in
            let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
            return (parts[0], try line.text(try line.require(parts.dropFirst().first, "\(parts[0]) has no value")))
        }
        said = Dictionary(uniqueKeysWithValues: pairs)
    }

    private func value(_ name: String) throws -> String { try line.require(said[name], "there is no \(name)") }

    /// What is given as a secret.
    var secrets: [String] { ["secret_key", "password"].compactMap { said[$0] } }

    func make() throws -> ZMQSecurity {
        switch said["mechanism"] {
        case "1":
            let keys = try ZMQCurveKeyPair(secretKey: try value("secret_key"))
            return .curveClient(keys, serverKey: try ZMQCurvePublicKey(try value("server_key")))
        case "2": return .curveServer(try ZMQCurveKeyPair(secretKey: try value("secret_key")))
        case "3": return try .plainClient(username: try value("username"), password: try value("password"))
        default: return try line.require(nil, "a mechanism that can be bad in Swift should be here")
        }
    }
}

@Suite("Security of sockets", .watchdog)
struct SecurityTests {
    @Test("What makes no sense is named, and not shown", arguments: try BadSecurity.all())
    func refused(bad: BadSecurity) {
        let error = failure { _ = try bad.make() }.error
        #expect(error?.code == bad.code)
        #expect(error?.message.contains(bad.field) == true, "\(error?.message ?? "")")
        for secret in bad.secrets where secret.count > 8 { #expect(error?.message.contains(secret) == false) }
    }

    @Test("A link with keys carries", arguments: [Carrier.tcp, .ipc])
    func carries(carrier: Carrier) async throws {
        let (server, client) = (try ZMQCurveKeyPair(), try ZMQCurveKeyPair())
        let puller = try ZMQPuller(options: .with { $0.security = .curveServer(server, admitting: .anybody) })
        let pusher = try ZMQPusher(
            options: .with { $0.security = .curveClient(client, serverKey: server.publicKey) }
        )
        try await pusher.connect(try await puller.bind(carrier.freeEndpoint, timeout: ample), timeout: ample)
        try await pusher.send("for your eyes only".utf8, timeout: ample)
        #expect(try await puller.receive(timeout: ample).text == "for your eyes only")
        try await pusher.close()
        try await puller.close()
    }

    @Test("A server is closed unless it says anybody")
    func closed() async throws {
        let (server, client) = (try ZMQCurveKeyPair(), try ZMQCurveKeyPair())
        let rows: [(ZMQSecurity, ZMQSecurity)] = [
            (.curveServer(server), .curveClient(client, serverKey: server.publicKey)),
            (.plainServer, try .plainClient(username: "user", password: "password")),
        ]
        for (ofServer, ofClient) in rows {
            let puller = try ZMQPuller(options: .with { $0.security = ofServer })
            var options = ZMQSocketOptions.quickRetries(attempts: 2)
            options.security = ofClient
            let pusher = try ZMQPusher(options: options)
            let endpoint = try await puller.bind("tcp://127.0.0.1:0", timeout: ample)
            await #expect(throws: ZMQSocketError.self) { try await pusher.connect(endpoint, timeout: ample) }
            #expect(try puller.statistics().peers == 0)
            try await pusher.close()
            try await puller.close()
        }
    }

    @Test("A key of somebody else is a matter of security")
    func wrongKey() async throws {
        let (server, client) = (try ZMQCurveKeyPair(), try ZMQCurveKeyPair())
        let puller = try ZMQPuller(options: .with { $0.security = .curveServer(server, admitting: .anybody) })
        var options = ZMQSocketOptions.quickRetries(attempts: 2)
        options.security = .curveClient(client, serverKey: client.publicKey)
        let pusher = try ZMQPusher(options: options)
        let endpoint = try await puller.bind("tcp://127.0.0.1:0", timeout: ample)
        await #expect { try await pusher.connect(endpoint, timeout: ample) } throws: {
            ($0 as? ZMQSocketError)?.code == .security
        }
        try await pusher.close()
        try await puller.close()
    }

    @Test("Security stays as it was opened, and its secret is not read back")
    func fixed() throws {
        let keys = try ZMQCurveKeyPair()
        let puller = try ZMQPuller(options: .with { $0.security = .curveServer(keys) })
        for option: Int32 in [44, 47, 93] {
            #expect(failure { try puller.set(option: option, to: 0) }.error?.code == .notSupported)
        }
    }

    @Test("Who needs a handler, and who lets anybody in")
    func whatIsNeeded() throws {
        let keys = try ZMQCurveKeyPair()
        let rows: [(ZMQSecurity, needsHandler: Bool, admitsAnybody: Bool)] = [
            (.curveServer(keys), true, false), (.curveServer(keys, admitting: .anybody), true, true),
            (.curveClient(keys, serverKey: keys.publicKey), false, false), (.plainServer, true, false),
            (try .plainClient(username: "u", password: "p"), false, false), (.guarded, true, false),
        ]
        for (security, needsHandler, admitsAnybody) in rows {
            #expect(security.needsHandler == needsHandler, "\(security)")
            #expect(security.admitsAnybody == admitsAnybody, "\(security)")
        }
    }
}
