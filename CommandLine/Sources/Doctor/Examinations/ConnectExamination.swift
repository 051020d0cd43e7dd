// SPDX-License-Identifier: Apache-2.0

import Glibc
import Shell

/// Whether one can connect to an endpoint, and who is there.
struct ConnectExamination {
    private let examination: Examination
    private let limit: TimeLimit
    private let notes: Notes

    init(_ examination: Examination, _ limit: TimeLimit, _ notes: Notes) {
        (self.examination, self.limit, self.notes) = (examination, limit, notes)
    }

    func run() throws {
        switch examination.place {
        case .tcp(let host, let port): try lookAt(host: host, port: port)
        case .ipc(let path): try PathExamination(examination, limit, notes).run(path)
        case .library: break
        }
    }

    private func lookAt(host: String, port: UInt16) throws {
        guard let addresses = try resolve(host, port: port), let routes = try route(to: addresses) else { return }
        let isLocal = routes.contains { $0?.isLocal == true }
        let table = isLocal ? PortTable(port: port) : nil
        guard let reached = try connect(to: addresses, table) else { return }
        let process = try table.flatMap { try noteProcess(at: reached.address, $0) }
        try PeerExamination(examination, limit, notes, reached.address, process)
            .run(over: reached.connection, besides: reached.others)
        if let table { try noteQueues(of: reached.address, since: table, port: port) }
    }

    private func resolve(_ host: String, port: UInt16) throws -> [SocketAddress]? {
        let watch = StopWatch()
        // A part of the time is for what comes behind.
        let patience = limit.atMost(limit.left * 3 / 4)
        switch try NameLookup.ask(host, port: port, until: patience) {
        case .timedOut: try notes.add(.failed(.name, .nameServerSilent(host: host), time: watch.time))
        case .unknown(let words):
            try notes.add(.failed(.name, .nameUnknown(host: host, words: words), time: watch.time))
        case .addresses(let addresses):
            let texts = addresses.map(\.text)
            let details: [(name: String, value: JSONText)] = [("addresses", .array(texts.map(JSONText.text)))]
            let seen = texts == [host] ? "\(host) is an address" : "\(host) is \(SocketTypes.inWords(texts, "and"))"
            try notes.add(Finding(.name, .ok, seen, time: watch.time, details: details))
            return addresses
        }
        return nil
    }

    private func route(to addresses: [SocketAddress]) throws -> [Route?]? {
        let found = addresses.map { Route.find(to: $0) }
        var texts: [String] = []
        var details: [JSONText] = []
        for (address, (route, number)) in zip(addresses, found) {
            let to = addresses.count > 1 ? "\(address.text) " : ""
            guard let route else {
                texts.append("\(to)\(describe(number))")
                continue
            }
            texts.append("\(to)over \(route.interface ?? "an interface that has gone"), from \(route.source)")
            details.append(
                .object([
                    ("address", .text(address.text)), ("source", .text(route.source)),
                    ("interface", route.interface.map(JSONText.text) ?? .null), ("local", .bool(route.isLocal)),
                ])
            )
        }
        guard found.contains(where: { $0.route != nil }) else {
            try notes.add(.failed(.route, .noRoute(words: found.first.map { describe($0.number) } ?? "no address")))
            return nil
        }
        try notes.add(Finding(.route, .ok, texts.joined(separator: "; "), details: [("routes", .array(details))]))
        return found.map(\.route)
    }

    private struct Reached {
        let connection: Connection
        /// Where the connection goes to, which is the loopback where the address of every interface was asked for.
        let address: SocketAddress
        /// Connections to the other addresses of the name.
        let others: [Connection]
    }

    private func connect(to addresses: [SocketAddress], _ table: PortTable?) throws -> Reached? {
        let watch = StopWatch()
        var reached: [(connection: Connection, address: SocketAddress)] = []
        var failures: [(address: SocketAddress, number: Int32)] = []
        var details: [JSONText] = []
        for (index, address) in addresses.enumerated() {
            let attempt = StopWatch()
            // Each address has its share, and what comes behind has one.
            let share = limit.atMost(limit.left / (addresses.count - index + 1))
            var said = "answers"
            switch try Connection.open(to: address, until: addresses.count > 1 ? share : limit) {
            case .connected(let connection): reached.append((connection, address))
            case .failed(let number):
                failures.append((address, number))
                said = describe(number)
            case .timedOut:
                failures.append((address, ETIMEDOUT))
                said = describe(ETIMEDOUT)
            }
            details.append(
                .object([
                    ("address", .text(address.text)), ("answer", .text(said)),
                    ("milliseconds", .milliseconds(attempt.time)),
                ])
            )
        }
        guard let first = reached.first else {
            let fault = Self.fault(failures.map(\.number), elsewhere(table))
            try notes.add(.failed(.connect, fault, time: watch.time, details: [("addresses", .array(details))]))
            return nil
        }
        let answering = SocketTypes.inWords(reached.map(\.address.text), "and")
        let texts = ["\(answering) answer\(reached.count == 1 ? "s" : "")"]
        let failed = failures.map { "\($0.address.text): \(describe($0.number))" }
        let silent = failures.filter { $0.number == ETIMEDOUT }.map(\.address.text)
        try notes.add(
            Finding(
                .connect,
                silent.isEmpty ? .ok : .warning,
                (texts + failed).joined(separator: "; "),
                fault: silent.isEmpty ? nil : .addressesSilent(silent),
                time: watch.time,
                details: [("addresses", .array(details))]
            )
        )
        return Reached(
            connection: first.connection,
            address: SocketAddress(.peer, of: first.connection.descriptor) ?? first.address,
            others: reached.dropFirst().map(\.connection)
        )
    }

    /// Where else on this machine somebody listens at the port.
    private func elsewhere(_ table: PortTable?) -> [String]? {
        guard let table else { return nil }
        var found: [String] = []
        for row in table.rows where row.isListening {
            let text = SocketAddress(host: row.host).text
            if !found.contains(text) { found.append(text) }
        }
        return found
    }

    /// What failures of connect(2) come to: the most certain of them.
    private static func fault(_ numbers: [Int32], _ elsewhere: [String]?) -> Fault {
        let noWay = [ENETUNREACH, EHOSTUNREACH, EAFNOSUPPORT, ENETDOWN, EHOSTDOWN]
        if numbers.contains(ECONNRESET) { return .hangsUp }
        if numbers.contains(ECONNREFUSED) { return .refused(isLocal: elsewhere != nil, elsewhere: elsewhere ?? []) }
        if let other = numbers.first(where: { $0 != ETIMEDOUT && !noWay.contains($0) }) {
            return .connectFailed(words: describe(other))
        }
        if numbers.contains(ETIMEDOUT) { return .noAnswer }
        return .noRoute(words: numbers.first.map { describe($0) } ?? "it has no address")
    }

    private func noteProcess(at address: SocketAddress, _ table: PortTable) throws -> ProcessName? {
        let serving = table.serving(address.host)
        guard !serving.isEmpty else {
            let seen = "no process in this network listens there itself: the port is forwarded, as a container's is"
            try notes.add(Finding(.process, .skipped, seen))
            return nil
        }
        let processes = Processes.having(serving, until: limit)
        try notes.add(processes: processes)
        return processes.first
    }

    private func noteQueues(of address: SocketAddress, since before: PortTable, port: UInt16) throws {
        // Without the doctor's own connection.
        let connections = before.connections(to: address.host).count
        let details: [(name: String, value: JSONText)] = [("connections", .integer(Int64(connections)))]
        let unread = PortTable(port: port).notRead(at: address.host, since: before)
        guard !unread.isEmpty else {
            // That would only say that there is nothing more to be said.
            if notes.hasFailed { return }
            let seen = "\(connections) other connection\(connections == 1 ? "" : "s"), and what came over them is read"
            return try notes.add(Finding(.queues, .ok, seen, details: details))
        }
        let bytes = unread.reduce(UInt64(0)) { $0 &+ $1.unread }
        let fault = Fault.notRead(bytes: bytes, connections: unread.count)
        let more = details + [("unread", JSONText.integer(Int64(clamping: bytes)))]
        try notes.add(Finding(.queues, .warning, fault.seen, fault: fault, details: more))
    }
}
