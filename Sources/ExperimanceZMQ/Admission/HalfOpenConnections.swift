// SPDX-License-Identifier: Apache-2.0

import DequeModule

extension ConnectFailure {
    /// The peer has said nothing for longer than others.
    static var tooManyHandshakes: ConnectFailure {
        ConnectFailure(
            code: .limit,
            reason: "too many connections are in their handshake, and this one of those of its address for longest"
        )
    }
}

/// Connections whose handshake may not be done: how many there may be, and which has to go for one more.
///
/// libzmq gives each five seconds, and a descriptor as long. Who opens many of them and says nothing would use up those
/// of the process, and shut out its peers.
///
/// Whether a handshake is done costs a question to the kernel. So a connection is asked about when it would have to go,
/// and not any more once it turns out to be done: one question for each that comes, on the average.
struct HalfOpenConnections {
    struct Connection: Equatable {
        let descriptor: Int32
        /// The kernel's name for it, as descriptors are used again.
        let cookie: UInt64
        let origin: PeerOrigin
    }

    /// What is found out about one.
    enum State {
        /// Its handshake is done, or it is over, or that can not be told.
        case other
        /// It has said all it has to, and waits for a decision.
        case waiting
        case halfOpen
    }

    private struct Entry {
        let connection: Connection
        let number: UInt64
    }

    /// Of one socket, where the process may have enough descriptors.
    private static let most = 256
    /// A socket's part of the descriptors that the process may have.
    private static let part = 8
    private static let least = 8
    /// So many of those that wait are passed over.
    private static let mostPassedOver = 8

    /// By address, oldest first.
    private var lines: [PeerOrigin: Deque<Entry>] = [:]
    private var lastNumber: UInt64 = 0
    private(set) var count = 0

    /// How many a socket may have.
    static var limit: Int {
        let descriptors = Descriptors.most
        return descriptors > 0 ? min(most, max(least, descriptors / part)) : most
    }

    mutating func opened(_ connection: Connection) {
        lastNumber += 1
        lines[connection.origin, default: []].append(Entry(connection: connection, number: lastNumber))
        count += 1
    }

    /// Takes out the one that has to go: the oldest of the address that has most, and rather one that has not said all
    /// it has to.
    ///
    /// - Parameters:
    ///   - isPending: whether that is still there, and no peer, as far as that is known without a question.
    ///   - state: asks.
    /// - Returns: nil if there are no more than may be.
    mutating func takeVictim(
        limit: Int,
        isPending: (Connection) -> Bool = { _ in true },
        _ state: (Connection) -> State
    ) -> Connection? {
        if count > limit { removeAll { !isPending($0) } }
        while count > limit, let origin = longestLine() {
            var passedOver = 0
            repeat {
                guard let connection = connection(at: passedOver, of: origin) else {
                    // All that are left wait.
                    return remove(at: 0, of: origin)
                }
                let state = state(connection)
                if state == .waiting, passedOver < Self.mostPassedOver {
                    passedOver += 1
                } else {
                    remove(at: passedOver, of: origin)
                    if state != .other { return connection }
                }
            } while count > limit && longestLine() == origin
        }
        return nil
    }

    private mutating func removeAll(where isOver: (Connection) -> Bool) {
        for origin in Array(lines.keys) {
            lines[origin]?.removeAll { isOver($0.connection) }
            if lines[origin]?.isEmpty == true { lines[origin] = nil }
        }
        count = lines.values.reduce(0) { $0 + $1.count }
    }

    private func connection(at place: Int, of origin: PeerOrigin) -> Connection? {
        guard let line = lines[origin], line.indices.contains(place) else { return nil }
        return line[place].connection
    }

    /// The one whose first is the oldest, of several.
    private func longestLine() -> PeerOrigin? {
        lines.max { one, other in
            (one.value.count, other.value.first?.number ?? 0) < (other.value.count, one.value.first?.number ?? 0)
        }?.key
    }

    @discardableResult
    private mutating func remove(at place: Int, of origin: PeerOrigin) -> Connection? {
        guard let connection = connection(at: place, of: origin) else { return nil }
        lines[origin]?.remove(at: place)
        if lines[origin]?.isEmpty == true { lines[origin] = nil }
        count -= 1
        return connection
    }
}
