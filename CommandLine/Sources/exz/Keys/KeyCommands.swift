// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import Glibc
import Shell

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, show and check files of keys.",
        discussion: "A secret key is never written to a terminal or a pipe.",
        subcommands: [MakeKeys.self, ShowKeys.self, CheckKeys.self]
    )
}

struct MakeKeys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Make a pair of keys, and write it into PATH.key and PATH.key_secret.",
        discussion: "PATH.key is for everybody; PATH.key_secret has both keys, and only its owner may read it. A file "
            + "that is there already is left alone."
    )

    @Argument(help: "Where, without the endings.")
    var path: String

    func run() throws {
        let keys = try ZMQCurveKeyPair()
        try keys.write(to: path)
        try Output().write(line: keys.publicKey.text)
    }
}

struct ShowKeys: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Write the public key in a file.")

    @Argument(help: "A file with a public key, or with both.")
    var file: String

    func run() throws { try Output().write(line: ZMQCurvePublicKey(contentsOf: file).text) }
}

struct CheckKeys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is in files of keys, and what is wrong with them.",
        discussion: "The exit status is 1 if there is something wrong with any of them."
    )

    @Argument(help: "The files.")
    var files: [String]

    func run() throws {
        let output = try Output()
        var bad = 0
        for file in files {
            var line: String?
            do throws(ZMQSocketError) {
                line = "\(file): \(try Self.content(of: file))"
            } catch {
                bad += 1
                Notices.write(error.message.contains(file) ? error.message : "\(file): \(error.message)")
            }
            if let line { try output.write(line: line) }
        }
        guard bad == 0 else { throw AlreadyTold() }
    }

    private static func content(of file: String) throws(ZMQSocketError) -> String {
        let key = try ZMQCurvePublicKey(contentsOf: file)
        do throws(ZMQSocketError) {
            _ = try ZMQCurveKeyPair(contentsOf: file)
        } catch {
            // It could be read a moment ago, so that is all there is in it.
            guard error.code == .invalid else { throw error }
            return "public key \(key.text)"
        }
        return "key pair, public key \(key.text)"
    }
}
