// SPDX-License-Identifier: Apache-2.0

/// The first bytes a peer sends, as far as they have come: the ZMTP 3 greeting (RFC 23) and the READY command in which
/// a peer with the NULL mechanism names its socket type.
///
/// A probe sends a greeting and no READY, so the peer never takes it for a socket and never sends it a message. It ends
/// with a farewell.
struct PeerIntroduction {
    /// What the probe says: signature, version 3.0, mechanism, "not a server", filler.
    static func greeting(mechanism: String) -> [UInt8] {
        var bytes = opening + [0]
        bytes += Array(mechanism.utf8.prefix(20))
        bytes += [UInt8](repeating: 0, count: greetingLength - bytes.count)
        return bytes
    }

    /// As much of it as it takes to be told all of theirs. libzmq has another mechanism than its own hang up before it
    /// has said which that is, so the probe hears that first.
    static let opening: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3]

    /// The rest of it.
    static func rest(mechanism: String) -> ArraySlice<UInt8> { greeting(mechanism: mechanism)[opening.count...] }

    /// Their greeting is there, whatever it says.
    var hasGreeting: Bool { bytes.count >= Self.greetingLength }

    /// More than this is not needed to know a peer.
    static let maximumLength = 1024

    private static let greetingLength = 64
    private static let mechanismField = 12..<32

    let kind: ZMQSocketType
    let mechanism: String
    /// Of the two sides that PLAIN and CURVE have, this one is the server.
    let isServer: Bool
    private(set) var bytes: [UInt8] = []

    init(kind: ZMQSocketType, mechanism: String, isServer: Bool = false) {
        self.kind = kind
        self.mechanism = mechanism
        self.isServer = isServer
    }

    mutating func append(_ more: some Sequence<UInt8>) {
        bytes += more
    }

    /// What the probe says at last: an ERROR, as ZMTP has it for who gives up in the handshake. A server understands
    /// nothing but a HELLO then. Either comes without the content that a socket would give it, and libzmq has a monitor
    /// event of its own for that: so a listener of this library can tell a probe from a peer that it has rejected.
    ///
    /// Who has another mechanism is told the rest of a greeting with that, so that this is understood there, too.
    ///
    /// - Parameter hasGreeted: all of the probe's greeting has been said.
    /// - Returns: nil if the peer is in no handshake in which it would be understood.
    func farewell(hasGreeted: Bool) -> [UInt8]? {
        guard hasGreeting, bytes[0] == 0xFF, bytes[9] & 1 == 1, bytes[10] >= 3 else { return nil }
        guard !hasGreeted || theirMechanism == mechanism else { return nil }
        let rest = hasGreeted ? [] : Self.rest(mechanism: theirMechanism)
        switch theirMechanism {
        case "NULL": return rest + Self.empty("ERROR")
        case "PLAIN", "CURVE": return rest + Self.empty(isServer && theirMechanism == mechanism ? "ERROR" : "HELLO")
        default: return nil
        }
    }

    /// A command without content.
    private static func empty(_ command: String) -> [UInt8] { [4, 6, 5] + Array(command.utf8) }

    private var theirMechanism: String {
        String(decoding: bytes[Self.mechanismField].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The verdict, as soon as the bytes allow one.
    var verdict: ProbeVerdict? {
        guard let first = bytes.first else { return nil }
        guard first == 0xFF else { return .foreign(Self.describe(bytes)) }
        guard bytes.count >= 11 else { return nil }
        guard bytes[9] & 1 == 1 else { return .foreign(Self.describe(bytes)) }
        guard bytes[10] >= 3 else { return .oldProtocol(major: bytes[10] == 0 ? 1 : 2) }
        guard bytes.count >= Self.greetingLength else { return nil }
        guard theirMechanism == mechanism else { return .otherMechanism(theirMechanism) }
        // A client understands no goodbye before it has said HELLO.
        guard mechanism == "NULL" else { return isServer && bytes.count == Self.greetingLength ? nil : .fits }
        guard let type = socketType else { return bytes.count >= Self.maximumLength ? .fits : nil }
        return type.isEmpty || kind.accepts(peerNamed: type) ? .fits : .otherType(type, ours: kind)
    }

    /// The verdict when no more bytes will come.
    func finalVerdict(closedWith number: Int32?) -> ProbeVerdict {
        if let verdict { return verdict }
        if bytes.count >= Self.greetingLength { return .fits }
        if let number { return .closedEarly(errno: number) }
        return isBeginningOfGreeting ? .silent : .foreign(Self.describe(bytes))
    }

    /// A ZMTP 3 peer that is slow, as far as the bytes go. libzmq sends ten of them at once, and the rest when it has
    /// heard from the other side.
    private var isBeginningOfGreeting: Bool {
        (bytes.first ?? 0xFF) == 0xFF && (bytes.count < 10 || bytes[9] & 1 == 1)
    }

    /// The Socket-Type in the READY command; nil while it is not there, "" if the peer names none.
    private var socketType: String? {
        var reader = ArraySlice(bytes[Self.greetingLength...])
        guard let flags = reader.popFirst() else { return nil }
        let isLong = flags & 2 != 0
        guard flags & 4 != 0, reader.count >= (isLong ? 8 : 1) else { return flags & 4 == 0 ? "" : nil }
        let sizeField = reader.prefix(isLong ? 8 : 1)
        let size = sizeField.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        reader = reader.dropFirst(sizeField.count)
        guard size <= UInt64(Self.maximumLength) else { return "" }
        guard reader.count >= Int(size) else { return nil }
        reader = reader.prefix(Int(size))
        guard let nameLength = reader.popFirst(), reader.prefix(Int(nameLength)).elementsEqual("READY".utf8) else {
            return ""
        }
        reader = reader.dropFirst(Int(nameLength))
        while let length = reader.popFirst(), reader.count >= Int(length) + 4 {
            let name = String(decoding: reader.prefix(Int(length)), as: UTF8.self)
            reader = reader.dropFirst(Int(length))
            let valueLength = reader.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            reader = reader.dropFirst(4)
            guard reader.count >= valueLength else { return "" }
            if name.lowercased() == "socket-type" { return String(decoding: reader.prefix(valueLength), as: UTF8.self) }
            reader = reader.dropFirst(valueLength)
        }
        return ""
    }

    /// A name for a peer that does not speak ZMTP.
    private static func describe(_ bytes: [UInt8]) -> String {
        let known: [(prefix: String, name: String)] = [
            ("HTTP/", "an HTTP server"), ("<!DOC", "an HTTP server"), ("<html", "an HTTP server"),
            ("SSH-", "an SSH server"), ("220 ", "a mail or FTP server"), ("-ERR", "a Redis server"),
        ]
        for (prefix, name) in known where bytes.starts(with: prefix.utf8) { return name }
        if bytes.count >= 2, bytes[0] == 0x01, bytes[1] == 0x00 { return "a ZMTP 1 peer" }
        if bytes.count >= 2, bytes[0] == 0x15 || bytes[0] == 0x16, bytes[1] == 0x03 { return "a TLS server" }
        let shown = bytes.prefix(12).map { byte in
            (0x20..<0x7F).contains(byte) ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16)
        }
        return "something that begins with \"\(shown.joined())\""
    }
}
