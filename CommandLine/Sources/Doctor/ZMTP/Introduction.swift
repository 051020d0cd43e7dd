// SPDX-License-Identifier: Apache-2.0

/// The beginning of a conversation: both sides greet.
struct Introduction {
    /// What the other side turned out to be.
    enum Heard: Equatable {
        case greeting(Greeting)
        case silence
        case hungUp
        case old(Int)
        case foreign(String)
    }

    /// As long as a ZMTP peer may take before it is tried whether it waits for a line, as other servers do.
    private static let politeness = Duration.seconds(1)
    /// The rest of the first words of a server that speaks something else.
    private static let lastWords = Duration.milliseconds(200)
    private static let enoughToName = 8

    let connection: Connection
    private let limit: TimeLimit
    private var bytes: [UInt8] = []
    /// It was sent what no ZMTP peer understands.
    private(set) var hasNudged = false

    init(_ connection: Connection, _ limit: TimeLimit) {
        (self.connection, self.limit) = (connection, limit)
    }

    /// Greets, as far as that does not say what this side wants, and listens.
    ///
    /// - Parameter mayNudge: a peer that says nothing at all is sent the end of a line.
    mutating func hear(mayNudge: Bool) -> Heard {
        do throws(Connection.End) {
            try connection.send(Greeting.opening, until: limit)
            return try listen(mayNudge: mayNudge)
        } catch {
            return error == .timedOut ? .silence : .hungUp
        }
    }

    private mutating func listen(mayNudge: Bool) throws(Connection.End) -> Heard {
        let patience = limit.atMost(min(limit.left / 2, max(Self.politeness, (connection.roundTrip ?? .zero) * 10)))
        while true {
            switch Greeting.read(bytes) {
            case .greeting(let greeting): return .greeting(greeting)
            case .old(let major): return .old(major)
            case .foreign: return .foreign(wholeName())
            case .incomplete: break
            }
            do throws(Connection.End) {
                bytes += try connection.receive(until: mayNudge && !hasNudged ? patience : limit)
            } catch {
                guard error == .timedOut, mayNudge, !hasNudged, !limit.isUp else { throw error }
                hasNudged = true
                let lineEnds = bytes.isEmpty ? Array("\r\n\r\n".utf8) : []
                try connection.send(Greeting.rest(mechanism: "NULL") + lineEnds, until: limit)
            }
        }
    }

    private mutating func wholeName() -> String {
        let rest = limit.atMost(Self.lastWords)
        while bytes.count < Self.enoughToName, let more = try? connection.receive(until: rest) { bytes += more }
        return ForeignPeer.name(of: bytes)
    }

    /// What came behind the greeting.
    var behindGreeting: ArraySlice<UInt8> { bytes.dropFirst(Greeting.length) }

    /// Breaks the conversation off, in a way that the other side understands.
    func takeLeave(_ greeting: Greeting) {
        guard let farewell = Command.farewell(greeting.mechanism) else { return }
        try? connection.send(Greeting.rest(mechanism: greeting.mechanism) + farewell, until: limit)
    }

    /// The same where nothing has been said yet.
    static func takeLeave(of connection: Connection, _ greeting: Greeting, _ limit: TimeLimit) {
        guard let farewell = Command.farewell(greeting.mechanism) else { return }
        try? connection.send(Greeting.opening + Greeting.rest(mechanism: greeting.mechanism) + farewell, until: limit)
    }
}
