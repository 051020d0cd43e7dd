// SPDX-License-Identifier: Apache-2.0

/// The names bound within the process, per context, and who connects to them.
///
/// libzmq has no events for inproc. So the sockets of a context keep books themselves: a link is up while its name is
/// bound, and both sides learn of the other's coming and going through the supervisor.
struct InprocDirectory {
    /// Who is bound to a name, and the number of that bind: a socket may give a name up and take it again before the
    /// others have heard of the first.
    struct Server: Equatable, Sendable {
        /// The socket's handle.
        let socket: UInt64
        let number: UInt64
    }

    private var bound: [ExactText: Server] = [:]
    private var connected: [ExactText: [UInt64]] = [:]
    private var lastNumber: UInt64 = 0

    func server(of name: ExactText) -> Server? { bound[name] }

    func clients(of name: ExactText) -> [UInt64] { connected[name] ?? [] }

    mutating func bind(_ name: ExactText, _ socket: UInt64) -> Server {
        lastNumber += 1
        let server = Server(socket: socket, number: lastNumber)
        bound[name] = server
        return server
    }

    mutating func unbind(_ name: ExactText) -> Server? { bound.removeValue(forKey: name) }

    mutating func connect(_ name: ExactText, _ socket: UInt64) { connected[name, default: []].append(socket) }

    mutating func disconnect(_ name: ExactText, _ socket: UInt64) {
        guard var clients = connected[name] else { return }
        clients.removeAll { $0 == socket }
        connected[name] = clients.isEmpty ? nil : clients
    }
}
