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
    /// All of this side's greeting has been said.
    private(set) var hasGreeted = false
    /// Something was said that no ZMTP peer understands.
    private(set) var isSpoilt = false

    init(_ connection: Connection, _ limit: TimeLimit) {
        (self.connection, self.limit) = (connection, limit)
    }

    /// Greets, as far as that does not say what this side wants, and listens. A peer that says nothing for long is sent
    /// the rest, and the end of a line.
    ///
    /// - Parameter known: what it has said over another connection; then it is greeted at once, as it wants it.
    mutating func hear(known: Greeting? = nil) -> Heard {
        do throws(Connection.End) {
            hasGreeted = known != nil
            let rest = known.map { Greeting.rest(mechanism: $0.mechanism) } ?? []
            try connection.send(Greeting.opening + rest, until: limit)
            return try listen()
        } catch {
            return error == .timedOut ? .silence : .hungUp
        }
    }

    private mutating func listen() throws(Connection.End) -> Heard {
        let patience = limit.atMost(min(limit.left / 2, max(Self.politeness, (connection.roundTrip ?? .zero) * 10)))
        while true {
            switch Greeting.read(bytes) {
            case .greeting(let greeting): return .greeting(greeting)
            case .old(let major): return .old(major)
            case .foreign: return .foreign(wholeName())
            case .incomplete: break
            }
            do throws(Connection.End) {
                bytes += try connection.receive(until: hasGreeted ? limit : patience)
            } catch {
                guard error == .timedOut, !hasGreeted, !limit.isUp else { throw error }
                (hasGreeted, isSpoilt) = (true, bytes.isEmpty)
                let lineEnds = isSpoilt ? Array("\r\n\r\n".utf8) : []
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
        let rest = hasGreeted ? [] : Greeting.rest(mechanism: greeting.mechanism)
        try? connection.send(rest + farewell, until: limit)
    }

    /// The same where nothing has been said yet.
    static func takeLeave(of connection: Connection, _ greeting: Greeting, _ limit: TimeLimit) {
        guard let farewell = Command.farewell(greeting.mechanism) else { return }
        try? connection.send(Greeting.opening + Greeting.rest(mechanism: greeting.mechanism) + farewell, until: limit)
    }
}
