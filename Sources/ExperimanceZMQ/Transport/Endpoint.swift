// SPDX-License-Identifier: Apache-2.0

import LibC

/// A checked endpoint.
///
/// libzmq checks little: it takes port 99999 for 34463 and finds out about a bad name only in the background. So every
/// endpoint is taken apart here, before libzmq sees it.
package struct Endpoint: Hashable, Sendable {
    package enum Target: Hashable, Sendable {
        /// A host (name, numeric address without brackets, interface or `*`) and a port; 0 lets the system choose.
        case tcp(host: ExactText, port: UInt16)
        /// A path, or an abstract name (`@…`), or `*` for a path of libzmq's choice.
        case ipc(path: ExactText)
        case inproc(name: ExactText)
    }

    /// What the endpoint is parsed for: a wildcard makes sense for one of the two only.
    package enum Use: String { case bind, connect }

    /// As the caller wrote it.
    package let text: ExactText
    package let target: Target

    /// Whether its host is a name, whose address can change.
    var hasName: Bool {
        if case .tcp(let host, let port) = target { NumericAddress(host.string, port: port) == nil } else { false }
    }

    /// The longest endpoint accepted, in bytes: a host name has at most 253.
    package static let maximumLength = 1024

    /// - Throws: `invalid` for text that is not an endpoint, `notSupported` for a transport this library does not
    ///   carry. The message says what is wrong with it.
    package init(_ text: String, for use: Use) throws(ZMQSocketError) {
        func reject(_ reason: String, _ code: ZMQSocketError.Code = .invalid) -> ZMQSocketError {
            let shown = text.utf8.count > 80 ? String(text.prefix(80)) + "…" : text
            return ZMQSocketError(code, endpoint: text, message: "endpoint \"\(shown)\": \(reason)")
        }
        guard !text.isEmpty else { throw reject("it is empty") }
        guard text.utf8.count <= Self.maximumLength else {
            throw reject("it has \(text.utf8.count) bytes, more than \(Self.maximumLength)")
        }
        // A path and a name may have spaces. A line break, which may be left from a file, is nobody's name.
        let mayHaveSpaces = ["ipc://", "inproc://"].contains { text.utf8.starts(with: $0.utf8) }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || ($0 == 0x20 && !mayHaveSpaces) }) else {
            throw reject("it contains a \(mayHaveSpaces ? "" : "space or a ")control character")
        }
        guard let separator = text.firstRange(ofASCII: "://"), separator.lowerBound > text.startIndex else {
            throw reject("no transport; write tcp://HOST:PORT, ipc://PATH or inproc://NAME")
        }
        let transport = text[..<separator.lowerBound]
        let address = String(text[separator.upperBound...])
        switch transport {
        case "tcp":
            do throws(Flaw) {
                target = try Self.parseTCP(address, for: use)
            } catch {
                throw reject(error.reason)
            }
        case "ipc":
            guard !address.isEmpty else { throw reject("the path is missing") }
            // sun_path holds 108 bytes with the closing NUL.
            guard address.utf8.count <= 107 else {
                throw reject("the path has \(address.utf8.count) bytes, a local socket takes at most 107")
            }
            guard use == .bind || address != "*" else { throw reject("\"*\" can only be bound") }
            target = .ipc(path: ExactText(address))
        case "inproc":
            guard !address.isEmpty else { throw reject("the name is missing") }
            guard address.utf8.count <= 255 else { throw reject("the name is longer than 255 bytes") }
            target = .inproc(name: ExactText(address))
        case "udp", "pgm", "epgm", "norm", "tipc", "vmci", "ws", "wss", "gssapi":
            throw reject("transport \"\(transport)\" is not carried; use tcp, ipc or inproc", .notSupported)
        default:
            throw reject("unknown transport \"\(transport)\"; use tcp, ipc or inproc", .notSupported)
        }
        self.text = ExactText(text)
    }

    private struct Flaw: Error { let reason: String }

    private static func parseTCP(_ address: String, for use: Use) throws(Flaw) -> Target {
        guard !address.utf8.contains(UInt8(ascii: ";")) else {
            throw Flaw(reason: "a source address (\"source;destination\") is not supported")
        }
        guard let colon = address.lastIndex(of: ":") else {
            throw Flaw(reason: "the port is missing; write tcp://HOST:PORT")
        }
        var host = String(address[..<colon])
        let portText = address[address.index(after: colon)...]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), host.count > 2 else { throw Flaw(reason: "the address in brackets is broken") }
            host = String(host.dropFirst().dropLast())
            guard NumericAddress(host, port: 0)?.family == AF_INET6 else {
                throw Flaw(reason: "\"\(host)\" is not an IPv6 address")
            }
        } else {
            guard !host.utf8.contains(UInt8(ascii: ":")) else {
                throw Flaw(reason: "an IPv6 address is written in brackets: tcp://[::1]:PORT")
            }
        }
        guard !host.isEmpty else { throw Flaw(reason: "the host is missing; write tcp://HOST:PORT") }
        guard host.utf8.count <= 253 else { throw Flaw(reason: "the host name is longer than 253 bytes") }
        guard use == .bind || host != "*" else { throw Flaw(reason: "host \"*\" can only be bound") }
        let isSensible = host.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF:
                true
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%"),
                UInt8(ascii: "*"):
                true
            default: false
            }
        }
        guard isSensible else { throw Flaw(reason: "\"\(host)\" is not a host name") }

        if portText == "*" {
            guard use == .bind else { throw Flaw(reason: "port \"*\" can only be bound") }
            return .tcp(host: ExactText(host), port: 0)
        }
        guard !portText.isEmpty, portText.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw Flaw(reason: "\"\(portText)\" is not a port number")
        }
        guard let port = UInt16(portText) else {
            throw Flaw(reason: "port \(portText) is greater than 65535")
        }
        guard use == .bind || port != 0 else { throw Flaw(reason: "port 0 can only be bound") }
        return .tcp(host: ExactText(host), port: port)
    }
}

extension String {
    /// The first place where the ASCII text stands, whatever combines with its last character.
    fileprivate func firstRange(ofASCII needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            let rest = utf8[start...]
            if rest.starts(with: needle.utf8) { return start..<rest.index(start, offsetBy: needle.utf8.count) }
            start = utf8.index(after: start)
        }
        return nil
    }
}
