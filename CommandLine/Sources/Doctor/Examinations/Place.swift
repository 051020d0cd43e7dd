// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Shell

/// An endpoint, taken apart.
enum Place: Equatable {
    case tcp(host: String, port: UInt16)
    case ipc(path: String)
    case library(name: String)

    /// - Throws: `usage` for what is no endpoint, or none that can be looked at from outside.
    init(_ endpoint: String, for use: Use) throws(Failure) {
        if use == .library {
            self = .library(name: endpoint)
            return
        }
        try Self.check(endpoint, for: use)
        if endpoint.hasPrefix("ipc://") {
            self = .ipc(path: String(endpoint.dropFirst(6)))
            return
        }
        guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else {
            throw Failure(.usage, "\(endpoint): it is within one process, and nobody can look at it from outside")
        }
        var host = endpoint[..<colon].dropFirst(6)
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        // What is no number is the wildcard, as the library has looked at it.
        self = .tcp(host: String(host), port: UInt16(endpoint[endpoint.index(after: colon)...]) ?? 0)
    }

    /// The library knows what an endpoint is: of one that is, it says that the socket is not there.
    private static func check(_ endpoint: String, for use: Use) throws(Failure) {
        do throws(ZMQSocketError) {
            let socket = try ZMQSocket(.dealer)
            defer { try? socket.close(linger: .zero) }
            switch use {
            case .connect: try socket.disconnect(endpoint)
            case .bind: try socket.unbind(endpoint)
            case .library: return
            }
        } catch {
            switch error.code {
            case .state: return
            case .invalid, .notSupported: throw Failure(.usage, error.message)
            default: throw Failure(.failed, error.message)
            }
        }
    }
}
