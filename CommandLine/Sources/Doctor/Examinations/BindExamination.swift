// SPDX-License-Identifier: Apache-2.0

import Glibc
import Shell

/// Whether an endpoint can be bound, and who has it if it can not. Nobody notices: nothing ever listens there.
struct BindExamination {
    private let examination: Examination
    private let limit: TimeLimit
    private let notes: Notes

    init(_ examination: Examination, _ limit: TimeLimit, _ notes: Notes) {
        (self.examination, self.limit, self.notes) = (examination, limit, notes)
    }

    func run() throws {
        switch examination.place {
        case .tcp(let host, let port): try lookAt(host: host, port: port)
        case .ipc("*"): try notes.add(Finding(.path, .ok, "a path that the library chooses"))
        case .ipc(let path) where path.hasPrefix("@"): try lookAt(path: path, kind: nil)
        case .ipc(let path): try lookAt(path: path)
        case .library: break
        }
    }

    // MARK: tcp

    private func lookAt(host: String, port: UInt16) throws {
        guard let addresses = try addresses(host, port: port) else { return }
        for address in addresses {
            let number = try Self.bind(address)
            guard number != 0 else { continue }
            let fault: Fault
            switch number {
            case EADDRINUSE:
                let holders = PortTable(port: port).listening { row in
                    row.serves(address.host) || address.host.allSatisfy { $0 == 0 }
                }
                fault = .addressInUse(by: Processes.having(holders, until: limit))
            case EADDRNOTAVAIL: fault = .addressElsewhere(host: address.text)
            case EACCES: fault = .portForbidden(port: port)
            // A kernel without IPv6 has IPv4.
            case EAFNOSUPPORT where addresses.count > 1: continue
            default: fault = .connectFailed(words: describe(number))
            }
            return try notes.add(.failed(.bind, fault))
        }
        try notes.add(Finding(.bind, .ok, port == 0 ? "at a port that the system chooses" : "port \(port) is free"))
    }

    private func addresses(_ host: String, port: UInt16) throws -> [SocketAddress]? {
        if host == "*" {
            try notes.add(Finding(.name, .ok, "every address of this machine"))
            return [AF_INET6, AF_INET].map { SocketAddress(everywhere: $0, port: port) }
        }
        let own = Interfaces.all().filter { $0.name == host }.map { $0.address.at(port: port) }
        if let first = own.first(where: { $0.family == AF_INET }) ?? own.first {
            try notes.add(Finding(.name, .ok, "interface \(host) has \(first.text)"))
            return [first]
        }
        let watch = StopWatch()
        switch try NameLookup.ask(host, port: port, until: limit) {
        case .timedOut: try notes.add(.failed(.name, .nameServerSilent(host: host), time: watch.time))
        case .unknown(let words):
            try notes.add(.failed(.name, .nameUnknown(host: host, words: words), time: watch.time))
        case .addresses(let found):
            guard let first = found.first else { return [] }
            try notes.add(Finding(.name, .ok, "\(host) is \(first.text)", time: watch.time))
            return [first]
        }
        return nil
    }

    /// Takes the address without listening there, and gives it back.
    ///
    /// - Returns: 0 or an errno.
    private static func bind(_ address: SocketAddress) throws(Failure) -> Int32 {
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            if errno == EAFNOSUPPORT { return EAFNOSUPPORT }
            throw Failure(.failed, "can not open a socket: \(describe(errno))")
        }
        defer { close(descriptor) }
        var isOn: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        // As libzmq does: what a predecessor's connections have left is no hindrance.
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, size)
        if address.family == AF_INET6 {
            // As this library does: what listens at [::] has IPv4, too.
            var isOff: Int32 = 0
            _ = unsafe setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &isOff, size)
        }
        return address.withPointer { unsafe Glibc.bind(descriptor, $0, $1) } == 0 ? 0 : errno
    }

    // MARK: ipc

    private func lookAt(path: String) throws {
        let directory = PathFacts.directory(of: path)
        guard let folder = PathFacts.look(at: directory).facts, folder.kind == "a directory" else {
            return try notes.add(.failed(.path, .directoryMissing(directory)))
        }
        let owned = "directory \(directory) of user \(folder.owner) and group \(folder.group), mode \(folder.modeText)"
        let facts = PathFacts.look(at: path, followsLink: false).facts
        let number = PathFacts.mayWrite(in: directory)
        guard number == 0 else {
            return try notes.add(.failed(.path, .directoryForbidden(directory, words: describe(number))))
        }
        try notes.add(Finding(.path, .ok, owned))
        try lookAt(path: path, kind: facts?.kind)
    }

    /// - Parameter kind: what is at the path; nil for nothing, or an abstract name.
    private func lookAt(path: String, kind: String?) throws {
        let isAbstract = path.hasPrefix("@")
        guard kind != nil || isAbstract else { return try notes.add(Finding(.bind, .ok, "nothing is at the path")) }
        if let kind, kind != "socket" { return try notes.add(.failed(.bind, .fileInTheWay(kind: kind))) }
        guard let address = SocketAddress(path: path) else { return }
        switch try Connection.open(to: address, until: limit) {
        case .connected(let connection):
            let holder = connection.peer.map { [Processes.named($0.process, user: $0.user)] } ?? []
            try notes.add(.failed(.bind, .addressInUse(by: holder)))
        case .failed(ECONNREFUSED), .failed(ENOENT):
            let seen = isAbstract ? "nobody has the name" : "what is at the path was left by a process that is gone"
            try notes.add(Finding(.bind, .ok, seen))
        case .failed, .timedOut: try notes.add(.failed(.bind, .addressInUse(by: [])))
        }
    }
}
