// SPDX-License-Identifier: Apache-2.0

import Glibc
import Shell

/// Whether one can connect to a path of ipc, or an abstract name, and who is there.
struct PathExamination {
    private let examination: Examination
    private let limit: TimeLimit
    private let notes: Notes

    init(_ examination: Examination, _ limit: TimeLimit, _ notes: Notes) {
        (self.examination, self.limit, self.notes) = (examination, limit, notes)
    }

    func run(_ path: String) throws {
        let isAbstract = path.hasPrefix("@")
        guard let address = SocketAddress(path: path), try isAbstract ? noteAbstractName() : notePath(path) else {
            return
        }
        let watch = StopWatch()
        switch try Connection.open(to: address, until: limit) {
        case .connected(let connection):
            try notes.add(Finding(.connect, .ok, "somebody listens there", time: watch.time))
            var process: ProcessName?
            if let peer = connection.peer {
                let known = Processes.named(peer.process, user: peer.user)
                try notes.add(processes: [known])
                process = known
            }
            try PeerExamination(examination, limit, notes, address, process).run(over: connection, besides: [])
        case .timedOut: try notes.add(.failed(.connect, .notAccepting, time: watch.time))
        case .failed(let number):
            let fault: Fault =
                switch number {
                case ECONNREFUSED: .nobodyAtPath(isAbstract: isAbstract)
                case ENOENT: .pathMissing
                case EAGAIN: .notAccepting
                case EACCES, EPERM: .pathForbidden(words: describe(number))
                default: .connectFailed(words: describe(number))
                }
            try notes.add(.failed(.connect, fault, time: watch.time))
        }
    }

    private func noteAbstractName() throws -> Bool {
        try notes.add(Finding(.path, .ok, "an abstract name, which has no file, no owner and no permissions"))
        return true
    }

    private func notePath(_ path: String) throws -> Bool {
        let (facts, number) = PathFacts.look(at: path)
        guard let facts else {
            try notes.add(.failed(.path, number == EACCES ? .pathForbidden(words: describe(number)) : .pathMissing))
            return false
        }
        let details: [(name: String, value: JSONText)] = [
            ("owner", .text(facts.owner)), ("group", .text(facts.group)), ("mode", .text(facts.modeText)),
        ]
        guard facts.kind == "socket" else {
            try notes.add(.failed(.path, .notASocket(kind: facts.kind), details: details))
            return false
        }
        let seen = "a socket of user \(facts.owner) and group \(facts.group), mode \(facts.modeText)"
        try notes.add(Finding(.path, .ok, seen, details: details))
        return true
    }
}
