// SPDX-License-Identifier: Apache-2.0

/// Which types of sockets go with which (RFC 28 to 31), by the names that they have in a handshake.
enum SocketTypes {
    private static let table: [(type: String, fitting: [String], visitor: String?)] = [
        ("PAIR", ["PAIR"], nil),
        ("PUB", ["SUB", "XSUB"], "SUB"),
        ("SUB", ["PUB", "XPUB"], "PUB"),
        ("REQ", ["REP", "ROUTER"], nil),
        ("REP", ["REQ", "DEALER"], "REQ"),
        ("DEALER", ["REP", "DEALER", "ROUTER"], nil),
        ("ROUTER", ["REQ", "DEALER", "ROUTER"], "DEALER"),
        ("PULL", ["PUSH"], "PUSH"),
        ("PUSH", ["PULL"], nil),
        ("XPUB", ["SUB", "XSUB"], "SUB"),
        ("XSUB", ["PUB", "XPUB"], "PUB"),
    ]

    static let all = table.map(\.type)

    /// The types that can talk to a peer; none for one that is not known.
    static func fitting(_ peer: String) -> [String] { table.first { $0.type == peer }?.fitting ?? [] }

    /// The type that can visit a peer without taking anything: nil where the peer hands its messages, or its only
    /// place, to whoever is connected.
    static func visitor(of peer: String) -> String? { table.first { $0.type == peer }?.visitor }

    /// The types that some peer hands its messages, or its only place, when they are connected.
    static let handed = all.filter { type in fitting(type).contains { visitor(of: $0) == nil } }

    /// Visitors that are right for one type of peer or another.
    static let visitors = ["SUB", "REQ", "PUSH", "PUB"]

    /// A type in a sentence, with its article.
    static func one(_ type: String) -> String { (type.hasPrefix("X") ? "an " : "a ") + type }

    /// Names in a sentence.
    static func inWords(_ names: [String], _ conjunction: String) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
    }
}
