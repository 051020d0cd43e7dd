// SPDX-License-Identifier: Apache-2.0

/// A command of ZMTP 3, taken apart.
struct Command: Equatable {
    let name: String
    let content: [UInt8]

    /// - Parameter frame: nil comes out for what is no command.
    init?(_ frame: Frame) {
        guard frame.isCommand, let length = frame.beginning.first, frame.beginning.count > Int(length) else {
            return nil
        }
        name = String(decoding: frame.beginning[1..<(1 + Int(length))], as: UTF8.self)
        content = Array(frame.beginning.dropFirst(1 + Int(length)))
    }

    /// What a READY says of its peer; nil where that is not written as it has to be.
    var properties: [(name: String, value: String)]? {
        var found: [(name: String, value: String)] = []
        var rest = content[...]
        while let length = rest.popFirst() {
            guard rest.count >= Int(length) + 4 else { return nil }
            let name = String(decoding: rest.prefix(Int(length)), as: UTF8.self)
            rest = rest.dropFirst(Int(length))
            let size = rest.prefix(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            rest = rest.dropFirst(4)
            guard UInt64(rest.count) >= size else { return nil }
            found.append((name, String(decoding: rest.prefix(Int(size)), as: UTF8.self)))
            rest = rest.dropFirst(Int(size))
        }
        return found
    }

    /// The reason that an ERROR gives.
    var reason: String {
        String(decoding: content.dropFirst().prefix(Int(content.first ?? 0)), as: UTF8.self)
    }

    /// The READY of a socket of that type.
    static func ready(as type: String) -> [UInt8] {
        var content = property("Socket-Type", type)
        if ["REQ", "DEALER", "ROUTER"].contains(type) { content += property("Identity", "") }
        return Frame.command("READY", content)
    }

    private static func property(_ name: String, _ value: String) -> [UInt8] {
        [UInt8(truncatingIfNeeded: name.utf8.count)] + name.utf8
            + [0, 0, 0, UInt8(truncatingIfNeeded: value.utf8.count)] + value.utf8
    }

    /// A heartbeat that sets no limit for the next one (RFC 37).
    static func ping(_ context: String) -> [UInt8] { Frame.command("PING", [0, 0] + context.utf8.prefix(16)) }

    /// The answer to a heartbeat: with its context, behind the two bytes of its limit.
    var pong: [UInt8] { Frame.command("PONG", Array(content.dropFirst(2).prefix(16))) }

    /// A wish to get all that is published, for a peer of that version.
    static func subscribeToAll(minor: Int) -> [UInt8] {
        minor >= 1 ? Frame.command("SUBSCRIBE") : [0, 1, 1]
    }

    /// What is said at last where the handshake is not to be finished: an ERROR without a reason, or a HELLO without
    /// what belongs to it, which is all that a server understands then. A listener of this library takes that for the
    /// goodbye of somebody who only wanted to look.
    static func farewell(_ mechanism: String) -> [UInt8]? {
        switch mechanism {
        case "NULL": Frame.command("ERROR")
        case "PLAIN", "CURVE": Frame.command("HELLO")
        default: nil
        }
    }
}
