// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Shell

/// Whether a server with keys lets these keys in: a socket of the library tries it. What type the server has is sealed,
/// so types that take nothing from anybody are tried one after the other; any other only where it was asked for.
struct KeyTrial {
    private let examination: Examination
    private let security: ZMQSecurity
    private let limit: TimeLimit
    private let notes: Notes

    init(_ examination: Examination, _ security: ZMQSecurity, _ limit: TimeLimit, _ notes: Notes) {
        (self.examination, self.security, self.limit, self.notes) = (examination, security, limit, notes)
    }

    func run() throws {
        let watch = StopWatch()
        let types =
            examination.type.map { [$0] } ?? ZMQSocketType.allCases.filter { SocketTypes.visitors.contains($0.name) }
        var last: ZMQSocketError?
        for (index, type) in types.enumerated() {
            let attempt = StopWatch()
            do throws(ZMQSocketError) {
                try connect(as: type, within: limit.left / (types.count - index))
            } catch {
                last = error
                // An authenticator says so, and would say the same again.
                if error.message.contains("ZAP") { break }
                continue
            }
            try notes.add(
                Finding(
                    .handshake,
                    .ok,
                    "the server lets \(SocketTypes.one(type.name)) with these keys in",
                    time: attempt.time
                )
            )
            return try noteType(type)
        }
        guard let last else { return }
        let fault: Fault =
            switch last.code {
            case .timeout: .stopsTalking(nil)
            case .security where last.message.contains("ZAP"): .keyRefused(words: Self.reason(last.message))
            case .security, .peerLost, .protocolError: .handshakeBroken(tried: types.map(\.name))
            default: .connectFailed(words: Self.reason(last.message))
            }
        try notes.add(.failed(.handshake, fault, time: watch.time))
    }

    private func connect(as type: ZMQSocketType, within time: Duration) throws(ZMQSocketError) {
        var options = ZMQSocketOptions()
        options.retry.maxAttempts = 1
        options.security = security
        let socket = try ZMQSocket(type, options: options)
        defer { try? socket.close(linger: .zero) }
        try socket.connect(examination.endpoint, timeout: .duration(time))
    }

    private func noteType(_ type: ZMQSocketType) throws {
        let peers = SocketTypes.all.filter { SocketTypes.fitting($0).contains(type.name) }
        let seen = "\(SocketTypes.one(SocketTypes.inWords(peers, "or"))) socket, \(type.name) can talk to it"
        try notes.add(Finding(.type, .ok, seen, details: [("fitting", .array([.text(type.name)]))]))
        try notes.add(Finding(.heartbeat, .skipped, "with keys only a socket of the library sees the answers"))
        guard SocketTypes.handed.contains(type.name) else { return }
        let fault = Fault.handed(as: type.name)
        try notes.add(Finding(.messages, .warning, fault.seen, fault: fault))
    }

    /// The reason in a message of the library's, without its attempts and times.
    private static func reason(_ message: String) -> String {
        var words = message.split(separator: ": ", omittingEmptySubsequences: false)
        while words.count > 1, let first = words.first {
            words.removeFirst()
            if first.contains(" failed after ") { return words.joined(separator: ": ") }
        }
        return message
    }
}
