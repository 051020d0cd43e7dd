// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import ExperimanceZMQ

@Suite("Keys", .watchdog)
struct KeyTests {
    private let publicText = "b&C!II:{/.R+CaE9lxoMP0*)g^.HZ:&[T(<</&[$"
    private let secretText = "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$a"

    /// A folder of its own, for the time of a test.
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test("A secret key has one public key, and text and bytes are the same key")
    func pairs() throws {
        let pair = try ZMQCurveKeyPair(secretKey: secretText)
        #expect(pair.publicKey.text == publicText)
        #expect(pair.exposedSecretKey == secretText)
        let same = try ZMQCurvePublicKey(bytes: pair.publicKey.bytes)
        #expect(same == pair.publicKey)
        #expect(try ZMQCurvePublicKey(publicText) == same)
        #expect(pair.publicKey.bytes.count == 32)
        #expect(pair == (try ZMQCurveKeyPair(secretKey: secretText)))
        #expect(Set([pair, try ZMQCurveKeyPair(secretKey: secretText)]).count == 1)
        let (first, second) = (try ZMQCurveKeyPair(), try ZMQCurveKeyPair())
        #expect(first != second)
        #expect(try ZMQCurveKeyPair(secretKey: first.exposedSecretKey) == first)
    }

    @Test(
        "What is no key is refused, and not shown",
        arguments: [
            "", "a", "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$", "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$\u{E9}",
            "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$\0", String(repeating: "#", count: 40),
            String(repeating: "0", count: 40), String(repeating: "a", count: 100_000),
        ]
    )
    func noKeys(text: String) {
        let (secret, open) = (
            failure { _ = try ZMQCurveKeyPair(secretKey: text) }.error,
            failure { _ = try ZMQCurvePublicKey(text) }.error
        )
        #expect(secret?.code == .invalid && secret?.message.hasPrefix("secret_key ") == true)
        #expect(open?.code == .invalid && open?.message.hasPrefix("public_key ") == true)
        #expect(text.count < 39 || secret?.message.contains(text) == false)
    }

    @Test("Bytes that are no key are refused")
    func noBytes() {
        let nothing = [UInt8](repeating: 0, count: 32)
        for bytes in [[], Array(1...31), Array(1...33), nothing] {
            #expect(failure { _ = try ZMQCurvePublicKey(bytes: bytes) }.error?.code == .invalid)
        }
    }

    @Test("No description, dump or interpolation shows a secret")
    func nothingIsShown() throws {
        let pair = try ZMQCurveKeyPair(secretKey: secretText)
        let security: [ZMQSecurity] = [
            .curveServer(pair), .curveServer(pair, admitting: .anybody),
            .curveClient(pair, serverKey: pair.publicKey),
            try .plainClient(username: "user", password: secretText),
        ]
        var options = ZMQSocketOptions()
        options.security = security[3]
        let shown: [Any] = [pair, pair.secretKey, options, [pair]] + security
        for value in shown {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(!text.contains(secretText))
                let bytes = pair.secretKey.withBytes { Array($0) }
                #expect(!text.contains("\(bytes[0]), \(bytes[1]), \(bytes[2])"))
            }
        }
        #expect("\(security[0])".contains(publicText))
    }

    @Test("Security is equal where its public keys, names and passwords are")
    func equality() throws {
        let (pair, other) = (try ZMQCurveKeyPair(secretKey: secretText), try ZMQCurveKeyPair())
        func plain(_ name: String, _ password: String) throws -> ZMQSecurity {
            try .plainClient(username: name, password: password)
        }
        let all: [ZMQSecurity] = [
            .curveServer(pair), .curveServer(pair, admitting: .anybody), .curveServer(other),
            .curveClient(pair, serverKey: other.publicKey), .curveClient(pair, serverKey: pair.publicKey),
            .plainServer, .guarded, try plain("user", "one"), try plain("user", "two"), try plain("another", "one"),
        ]
        for (index, one) in all.enumerated() {
            #expect(all.firstIndex(of: one) == index)
        }
        #expect(Set(all).count == all.count)
        #expect(try plain("user", "one") == plain("user", "one"))
    }

    @Test("A pair that was written is read again, and no file is written twice")
    func files() throws {
        try inFolder { folder in
            let pair = try ZMQCurveKeyPair()
            try pair.write(to: "\(folder)/name")
            let loaded = try ZMQCurveKeyPair(contentsOf: "\(folder)/name.key_secret")
            #expect(loaded.exposedSecretKey == pair.exposedSecretKey)
            #expect(try ZMQCurvePublicKey(contentsOf: "\(folder)/name.key") == pair.publicKey)
            #expect(try ZMQCurvePublicKey(contentsOf: "\(folder)/name.key_secret") == pair.publicKey)
            let again = failure { try pair.write(to: "\(folder)/name") }.error
            #expect(again?.code == .state && again?.message.contains("name.key_secret") == true)
            let half = failure { _ = try ZMQCurveKeyPair(contentsOf: "\(folder)/name.key") }.error
            #expect(half?.code == .invalid && half?.message.contains("public key only") == true)
            let missing = failure { _ = try ZMQCurvePublicKey(contentsOf: "\(folder)/nowhere") }.error
            #expect(missing?.code == .invalid && missing?.systemErrno == ENOENT)
            #expect(failure { try pair.write(to: "\(folder)/nul\0") }.error?.code == .invalid)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
        }
    }

    @Test("A key file's metadata is what czmq and pyzmq write there")
    func metadata() throws {
        let text = """
            # a comment
            metadata
                name = "Some # body"
                email = some@example.org   # comment
                odd
            curve
                public-key = "\(publicText)"
            """
        let said = try Array(text.utf8).withUnsafeBytes { try CurveKeyFileText($0) }
        #expect(said.metadata.map(\.name) == ["name", "email", "odd"])
        #expect(said.metadata.map(\.value) == ["Some # body", "some@example.org", ""])
        #expect(said.publicKey?.text == publicText)
        #expect(said.pair == nil)
    }

    @Test("Text of any bytes is the key file it is, or refused")
    func madeUpFiles() throws {
        let pieces = [
            "curve", "metadata", "\n", "\n    ", "public-key", "secret-key", " = ", "=", "\"", "'", "#", publicText,
            secretText, "\r", "\t", "\0", " ", "name", "curve\n", "metadata\n", "    public-key = \"\(publicText)\"\n",
            "    secret-key = '\(secretText)'\n",
        ]
        var random = SplitMix64(seed: 14)
        var accepted = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0..<14, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
            let bytes = Array(text.utf8)
            do {
                let said = try bytes.withUnsafeBytes { try CurveKeyFileText($0) }
                accepted += 1
                #expect(said.publicKey?.text == publicText)
            } catch let error as ZMQSocketError {
                #expect(error.code == .invalid)
                #expect(!error.message.contains(secretText))
            }
        }
        #expect(accepted > 0)
    }
}
