// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Who has joined", .watchdog)
struct PeerNamingTests {
    private let here = "tcp://127.0.0.1:1"

    private static func newcomer(_ number: Int32, cookie: UInt64? = nil) -> AcceptedConnection.Newcomer {
        AcceptedConnection.Newcomer(peer: KnownPeer(address: "\(number)"), cookie: cookie ?? UInt64(number))
    }

    private func accepted(_ descriptors: Int32...) -> AcceptedPeers {
        var peers = AcceptedPeers()
        for descriptor in descriptors { peers.accepted(descriptor, at: here, Self.newcomer(descriptor)) }
        return peers
    }

    /// The address of who has joined.
    private func joined(
        _ peers: inout AcceptedPeers,
        inflow: (Int32) -> AcceptedPeers.Inflow? = { _ in nil }
    ) -> String? {
        guard case .joined(let peer) = peers.succeeded(at: here, inflow: inflow) else { return "nobody" }
        return peer?.address
    }

    private func inflow(_ bytes: [Int32: Int64], silence: [Int32: Int64] = [:]) -> (Int32) -> AcceptedPeers.Inflow? {
        { .init(bytes: bytes[$0] ?? 0, silence: silence[$0] ?? 0, cookie: UInt64($0)) }
    }

    @Test("The only one there is named, and so is each that comes after")
    func one() {
        var peers = accepted(7)
        #expect(joined(&peers) == "7")
        peers.accepted(8, at: here, Self.newcomer(8))
        #expect(joined(&peers) == "8")
        #expect(peers.peer(of: 7)?.address == "7")
    }

    @Test("Of two nobody is named, until both are done")
    func two() {
        var peers = accepted(7, 8)
        #expect(joined(&peers) == nil)
        #expect(["7", "8"].contains(joined(&peers)))
        peers.accepted(9, at: here, Self.newcomer(9))
        #expect(joined(&peers) == "9")
    }

    @Test("Who has not sent enough for a handshake has none; what somebody else has sent counts for nobody")
    func evidence() {
        var peers = accepted(7, 8)
        #expect(joined(&peers, inflow: inflow([7: 64, 8: 91])) == "8")
        var mistaken = accepted(7, 8)
        // The descriptor of 7 is another connection's by now, of which nothing has come.
        #expect(joined(&mistaken) { $0 == 7 ? .init(bytes: 0, silence: 0, cookie: 70) : inflow([8: 91])($0) } == nil)
    }

    @Test("While somebody counts as a peer on a supposition nobody is named")
    func supposed() {
        var peers = accepted(7, 8)
        // 8 is supposed to be the peer, and so 7 a stranger when it ends; it may be the other way round.
        #expect(joined(&peers, inflow: inflow([7: 91, 8: 91], silence: [7: 500])) == nil)
        #expect(peers.disconnected(7, at: here) == .rejected(.handshakeRejected))
        #expect(peers.established == [8])
        peers.accepted(9, at: here, Self.newcomer(9))
        #expect(joined(&peers) == nil, "it may be the handshake of 8")
        #expect(peers.disconnected(8, at: here) == .lost)
        peers.accepted(10, at: here, Self.newcomer(10))
        #expect(joined(&peers) == "10")
    }

    @Test("A subscription that may be a former connection's is a supposition", arguments: [false, true])
    func subscription(isItsOwn: Bool) {
        var peers = accepted(7, 8)
        #expect(joined(&peers) == nil)
        peers.hasSubscribed(7, cookie: isItsOwn ? 7 : 70)
        #expect(joined(&peers) == (isItsOwn ? "8" : nil))
    }

    @Test("A handshake that one of several subscribers has had says nothing of the others")
    func oneOfSeveral() {
        var peers = accepted(7, 8)
        #expect(joined(&peers) == nil)
        peers.accepted(9, at: here, Self.newcomer(9))
        // Of 7 and 9 one has it, by the order in which they have sent it is 7.
        #expect(joined(&peers, inflow: inflow([7: 91, 8: 91, 9: 91], silence: [8: 500, 9: 500])) == nil)
        peers.hasSubscribed(7)
        #expect(peers.established.sorted() == [7, 8])
        // It may have been 9 that had the other one, and 8 be about to have its own.
        _ = peers.disconnected(9, at: here)
        peers.accepted(10, at: here, Self.newcomer(10))
        #expect(joined(&peers) == nil)
    }

    @Test("A descriptor leads to who is known by that name of the kernel's alone")
    func cookies() {
        let peers = accepted(7)
        #expect(peers.peer(of: 7, cookie: 7)?.address == "7")
        #expect(peers.peer(of: 7, cookie: 70) == nil)
        #expect(peers.peer(of: 8) == nil)
    }
}
