// SPDX-License-Identifier: Apache-2.0

/// The 64 bytes that a ZMTP 3 connection begins with (RFC 23 and 37), and what is known when something else comes.
struct Greeting: Equatable {
    static let length = 64

    /// Where it stops being known what the other side wants: signature and major version. libzmq tells all of its own
    /// greeting on that, and hangs up on another mechanism only when it is told of one.
    static let opening: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3]

    private static let mechanismField = 12..<32

    let major: Int
    let minor: Int
    /// Whether the peer is a server in it libzmq does not say, though there is a byte for that.
    let mechanism: String

    /// What has come up to now.
    enum Reading: Equatable {
        /// It may still become a greeting.
        case incomplete
        case greeting(Greeting)
        /// A peer of a version before 3.
        case old(Int)
        /// No ZMTP.
        case foreign(String)
    }

    /// What the first bytes of a peer are.
    static func read(_ bytes: [UInt8]) -> Reading {
        guard let first = bytes.first else { return .incomplete }
        // Before 2 a connection begins with an identity, mostly an empty one.
        if bytes.count >= 2, first == 1, bytes[1] == 0 { return .old(1) }
        if first == 1, bytes.count == 1 { return .incomplete }
        guard first == 0xFF else { return .foreign(ForeignPeer.name(of: bytes)) }
        guard bytes.count >= 10 else { return .incomplete }
        guard bytes[9] & 1 == 1 else { return .foreign(ForeignPeer.name(of: bytes)) }
        guard bytes.count >= 11 else { return .incomplete }
        guard bytes[10] >= 3 else { return .old(bytes[10] == 0 ? 1 : 2) }
        guard bytes.count >= length else { return .incomplete }
        return .greeting(
            Greeting(
                major: Int(bytes[10]),
                minor: Int(bytes[11]),
                mechanism: String(decoding: bytes[mechanismField].prefix { $0 != 0 }, as: UTF8.self)
            )
        )
    }

    /// What follows the opening in a greeting of this side: version 3.1, a client with that mechanism.
    static func rest(mechanism: String) -> [UInt8] {
        var bytes: [UInt8] = [1] + mechanism.utf8.prefix(mechanismField.count)
        bytes += [UInt8](repeating: 0, count: length - opening.count - bytes.count)
        return bytes
    }
}

/// What answers where a ZeroMQ socket is looked for, by its first bytes.
enum ForeignPeer {
    private static let known: [(beginning: String, name: String)] = [
        ("HTTP/", "an HTTP server"), ("<", "an HTTP server"), ("SSH-", "an SSH server"),
        ("220", "a mail or FTP server"), ("-ERR", "a Redis server"), ("* OK", "a mail server"),
        ("+OK", "a mail server"), ("RFB ", "a VNC server"),
    ]

    static func name(of bytes: [UInt8]) -> String {
        for (beginning, name) in known where bytes.starts(with: beginning.utf8) { return name }
        if bytes.count >= 2, bytes[0] == 0x15 || bytes[0] == 0x16, bytes[1] == 3 { return "a TLS server" }
        let shown = bytes.prefix(12).map { byte in
            (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"")
                ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "something that begins with \"\(shown.joined())\""
    }
}
