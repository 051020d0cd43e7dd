// SPDX-License-Identifier: Apache-2.0

extension ConnectFailure {
    /// The peer has said nothing for longer than others.
    static var tooManyHandshakes: ConnectFailure {
        ConnectFailure(
            code: .limit,
            reason: "too many connections are in their handshake, and this one of those of its address for longest"
        )
    }
}

/// Connections whose handshake has certainly not been done: how many there may be, and which has to go for one more.
///
/// libzmq gives each five seconds, and a descriptor as long. Who opens many of them and says nothing would use up those
/// of the process, and shut out its peers.
struct HalfOpenConnections {
    struct Connection: Equatable {
        let descriptor: Int32
        /// The kernel's name for it, as descriptors are used again.
        let cookie: UInt64
        let origin: PeerOrigin
    }

    /// Of one socket, where the process may have enough descriptors.
    private static let most = 256
    /// A socket's part of the descriptors that the process may have.
    private static let part = 8
    private static let least = 8

    /// Oldest first.
    private let all: [Connection]

    init(_ oldestFirst: [Connection]) {
        all = oldestFirst
    }

    /// How many a socket may have.
    static var limit: Int {
        let descriptors = Descriptors.most
        return descriptors > 0 ? min(most, max(least, descriptors / part)) : most
    }

    /// The oldest of the address that has most of them; nil if there are no more than may be.
    func victim(limit: Int) -> Connection? {
        guard all.count > limit else { return nil }
        var counts: [PeerOrigin: Int] = [:]
        for connection in all { counts[connection.origin, default: 0] += 1 }
        let most = counts.values.max()
        return all.first { counts[$0.origin] == most }
    }
}
