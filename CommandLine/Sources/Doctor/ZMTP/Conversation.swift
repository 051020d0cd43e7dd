// SPDX-License-Identifier: Apache-2.0

/// What comes over a connection after the greetings, frame by frame.
struct Conversation {
    /// Why there is no next frame.
    enum Break: Error, Equatable {
        case timedOut
        case closed
        case breach(String)
    }

    private let connection: Connection
    private var reader = FrameReader()

    /// - Parameter first: what has come already.
    init(_ connection: Connection, first: ArraySlice<UInt8>) {
        self.connection = connection
        reader.feed(first)
    }

    func say(_ bytes: [UInt8], until limit: TimeLimit) throws(Break) {
        do throws(Connection.End) {
            try connection.send(bytes, until: limit)
        } catch {
            throw error == .timedOut ? .timedOut : .closed
        }
    }

    /// The next frame. A heartbeat of the other side's is answered and is none.
    mutating func next(until limit: TimeLimit) throws(Break) -> Frame {
        while true {
            if let frame = try nextThere() {
                guard let command = Command(frame), command.name == "PING" else { return frame }
                try say(command.pong, until: limit)
                continue
            }
            do throws(Connection.End) {
                reader.feed(try connection.receive(until: limit))
            } catch {
                throw error == .timedOut ? .timedOut : .closed
            }
            // Also where more comes all the time.
            if limit.isUp { throw .timedOut }
        }
    }

    private mutating func nextThere() throws(Break) -> Frame? {
        do throws(FrameReader.Breach) {
            return try reader.next()
        } catch {
            throw .breach(error.words)
        }
    }
}
