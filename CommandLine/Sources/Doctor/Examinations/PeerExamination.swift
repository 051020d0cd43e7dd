// SPDX-License-Identifier: Apache-2.0

import Shell

/// Who is at the other end of a connection, and how it gets on.
struct PeerExamination {
    private let examination: Examination
    private let limit: TimeLimit
    private let notes: Notes
    private let address: SocketAddress
    private let process: ProcessName?

    init(
        _ examination: Examination,
        _ limit: TimeLimit,
        _ notes: Notes,
        _ address: SocketAddress,
        _ process: ProcessName?
    ) {
        (self.examination, self.limit, self.notes) = (examination, limit, notes)
        (self.address, self.process) = (address, process)
    }

    /// - Parameter others: connections to other addresses of the name, which are taken leave of in the same way.
    func run(over connection: Connection, besides others: [Connection]) throws {
        let watch = StopWatch()
        var introduction = Introduction(connection, limit)
        var heard = introduction.hear()
        // What it was nudged with is an end to the conversation: another one, now that it is known to be ZMTP.
        if case .greeting(let known) = heard, introduction.isSpoilt,
            case .connected(let again) = try Connection.open(to: address, until: limit)
        {
            introduction.connection.end()
            introduction = Introduction(again, limit)
            heard = introduction.hear(known: known)
        }
        guard case .greeting(let greeting) = heard else {
            return try notes.add(.failed(.greeting, fault(heard), time: watch.time))
        }
        defer { for other in others { Introduction.takeLeave(of: other, greeting, limit) } }
        let slowness = watch.time
        let version = "ZMTP \(greeting.major).\(greeting.minor)"
        try notes.add(Finding(.greeting, .ok, version, time: slowness, details: [("zmtp", .text(version))]))
        if let roundTrip = introduction.connection.roundTrip, address.port != nil {
            try notes.add(Finding(.roundTrip, .ok, "of the TCP connection, as the kernel measures it", time: roundTrip))
        }
        guard try noteMechanism(greeting) else { return introduction.takeLeave(greeting) }
        if let security = examination.security {
            introduction.takeLeave(greeting)
            return try KeyTrial(examination, security, limit, notes).run()
        }
        try Visit(examination, limit, notes, introduction, greeting, process, slowness: slowness).run()
    }

    private func fault(_ heard: Introduction.Heard) -> Fault {
        switch heard {
        case .greeting, .silence: .silent(process)
        case .hungUp: .hangsUp
        case .old(let major): .oldProtocol(major)
        case .foreign(let name): .foreign(name)
        }
    }

    /// Whether both sides have the same mechanism.
    private func noteMechanism(_ greeting: Greeting) throws -> Bool {
        let ours = examination.security == nil ? "NULL" : "CURVE"
        let details: [(name: String, value: JSONText)] = [("mechanism", .text(greeting.mechanism))]
        guard greeting.mechanism == ours else {
            let fault = Fault.otherMechanism(theirs: greeting.mechanism, ours: ours)
            try notes.add(.failed(.security, fault, details: details))
            return false
        }
        try notes.add(Finding(.security, .ok, Mechanism.text(ours), details: details))
        return true
    }
}
