// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Accepted connections", .watchdog)
struct AcceptedPeersTests {
    private let here = "tcp://127.0.0.1:1"
    private let there = "tcp://127.0.0.1:2"

    @Test("One peer comes and goes")
    func one() {
        var peers = AcceptedPeers()
        peers.accepted(7, at: here)
        #expect(peers.count == 0)
        _ = peers.succeeded(at: here)
        #expect(peers.count == 1)
        #expect(peers.disconnected(7, at: here) == .lost)
        #expect(peers.count == 0)
    }

    @Test("A failed handshake is a rejection with its reason")
    func failed() {
        var peers = AcceptedPeers()
        peers.accepted(7, at: here)
        peers.failed(at: here, .silent)
        #expect(peers.disconnected(7, at: here) == .rejected(.silent))
        peers.accepted(7, at: here)
        #expect(peers.disconnected(7, at: here) == .rejected(.handshakeRejected))
        #expect(peers.disconnected(7, at: here) == nil)
        #expect(peers.count == 0)
    }

    @Test("Handshakes that overlap are counted right whoever finishes first")
    func overlapping() {
        var peers = AcceptedPeers()
        peers.accepted(7, at: here)
        peers.accepted(8, at: here)
        _ = peers.succeeded(at: here)
        #expect(peers.count == 1)
        // The failure that libzmq reports belongs to the connection that ends next.
        peers.failed(at: here, .silent)
        #expect(peers.disconnected(8, at: here) == .rejected(.silent))
        #expect(peers.count == 1)
        #expect(peers.disconnected(7, at: here) == .lost)
        #expect(peers.count == 0)
    }

    @Test("An unattributed peer that goes is lost, not rejected")
    func unattributed() {
        var peers = AcceptedPeers()
        peers.accepted(7, at: here)
        peers.accepted(8, at: here)
        _ = peers.succeeded(at: here)
        #expect(peers.disconnected(7, at: here) == .lost)
        #expect(peers.count == 0)
        _ = peers.succeeded(at: here)
        #expect(peers.count == 1)
        #expect(peers.disconnected(8, at: here) == .lost)
    }

    @Test("Among several the one that has sent a handshake is the peer")
    func talkative() {
        func received(_ descriptor: Int32) -> AcceptedPeers.Inflow? {
            [7: 64, 8: 91, 9: 0, 10: 4_000][descriptor].map { AcceptedPeers.Inflow(bytes: $0, silence: 0) }
        }
        var peers = AcceptedPeers()
        for descriptor: Int32 in [7, 8, 9] { peers.accepted(descriptor, at: here) }
        _ = peers.succeeded(at: here, inflow: received)
        #expect(peers.disconnected(7, at: here) == .rejected(.handshakeRejected))
        peers.accepted(10, at: here)
        _ = peers.succeeded(at: here, inflow: received)
        #expect(peers.disconnected(9, at: here) == .rejected(.handshakeRejected))
        #expect(peers.count == 2)
        #expect(peers.disconnected(8, at: here) == .lost)
        #expect(peers.disconnected(10, at: here) == .lost)
        #expect(peers.count == 0)
    }

    /// 7 has sent most of a handshake and stopped, 8 has just finished one.
    private func beside(silence: Int64) -> AcceptedPeers {
        var peers = AcceptedPeers()
        peers.accepted(7, at: here)
        peers.accepted(8, at: here)
        _ = peers.succeeded(at: here) { AcceptedPeers.Inflow(bytes: 120, silence: $0 == 7 ? silence : 0) }
        return peers
    }

    @Test("Who comes after a handshake is finished does not take it along", arguments: [0, 500])
    func late(silence: Int64) {
        var peers = beside(silence: silence)
        peers.accepted(9, at: here)
        #expect(peers.disconnected(9, at: here) == .rejected(.handshakeRejected))
        #expect(peers.count == 1)
        peers.failed(at: here, .silent)
        #expect(peers.disconnected(7, at: here) == .rejected(.silent))
        #expect(peers.count == 1)
        #expect(peers.disconnected(8, at: here) == .lost)
        #expect(peers.count == 0)
    }

    @Test("Of two the one whose data came last is the peer, whichever goes first")
    func mostRecent() {
        var peers = beside(silence: 500)
        #expect(peers.disconnected(7, at: here) == .rejected(.handshakeRejected))
        #expect(peers.count == 1)
        peers = beside(silence: 500)
        #expect(peers.established == [8])
        #expect(peers.disconnected(8, at: here) == .lost)
        #expect(peers.count == 0)
        #expect(peers.disconnected(7, at: here) == .rejected(.handshakeRejected))
    }

    @Test("Who was taken for the peer and fails gives the handshake back")
    func refuted() {
        var peers = beside(silence: -500)
        #expect(peers.established == [7])
        peers.failed(at: here, .silent)
        #expect(peers.disconnected(7, at: here) == .rejected(.silent))
        #expect(peers.count == 1)
        #expect(peers.established == [8])
        #expect(peers.disconnected(8, at: here) == .lost)
    }

    @Test("Who is still there when libzmq would have given up is a peer, whoever was taken for it")
    func outlasting() {
        var peers = beside(silence: 0)
        #expect(peers.disconnected(7, at: here) == .lost)
        #expect(peers.count == 0)
        let doubts = peers.takeDoubts()
        let again = peers.takeDoubts()
        #expect(doubts.count == 1)
        #expect(again.isEmpty)
        var other = peers
        let isOneMore = peers.outlasted(doubts)
        #expect(isOneMore)
        #expect(peers.count == 1)
        #expect(peers.disconnected(8, at: here) == .lost)
        // And who is not there any more, or is another one with its descriptor, is none.
        #expect(other.disconnected(8, at: here) == .rejected(.handshakeRejected))
        other.accepted(8, at: here)
        let isMore = other.outlasted(doubts)
        #expect(!isMore)
        #expect(other.count == 0)
    }

    @Test("Who subscribes is a peer, whoever was taken for it", arguments: [-500, 0, 500])
    func subscribing(silence: Int64) {
        var peers = beside(silence: silence)
        peers.hasSubscribed(8)
        #expect(peers.established == [8])
        #expect(peers.count == 1)
        #expect(peers.disconnected(7, at: here) == .rejected(.handshakeRejected))
        #expect(peers.count == 1)
    }

    @Test("A subscription that is seen before its handshake is does not count twice")
    func subscribingEarly() {
        var peers = AcceptedPeers()
        peers.accepted(7, at: here)
        peers.accepted(8, at: here)
        peers.hasSubscribed(8)
        #expect(peers.count == 0)
        _ = peers.succeeded(at: here)
        peers.hasSubscribed(8)
        #expect(peers.established == [8])
        peers.hasSubscribed(8)
        peers.hasSubscribed(9)
        #expect(peers.count == 1)
    }

    @Test("Who has subscribed is lost when it ends, and gets the next handshake before others")
    func subscribingWithoutHandshake() {
        var peers = AcceptedPeers()
        peers.accepted(7, at: here)
        peers.hasSubscribed(7)
        #expect(peers.disconnected(7, at: here) == .lost)
        #expect(!peers.hasConnections)
        peers.accepted(7, at: here)
        peers.accepted(8, at: here)
        peers.hasSubscribed(8)
        _ = peers.succeeded(at: here)
        #expect(peers.established == [8])
        #expect(peers.disconnected(7, at: here) == .rejected(.handshakeRejected))
    }

    @Test("Where there is no place who finishes a handshake is refused, and never counted")
    func refused() {
        var peers = AcceptedPeers()
        peers.accepted(7, at: here)
        let first = peers.succeeded(at: here)
        peers.accepted(8, at: here)
        let second = peers.succeeded(at: here, isFull: true)
        #expect([first, second] == [.joined(nil), .refused([8])])
        #expect(peers.established == [7])
        #expect(peers.disconnected(8, at: here) == nil, "it has been said")
        peers.accepted(8, at: here)
        let again = peers.succeeded(at: here)
        #expect(again == .joined(nil), "a later connection with its descriptor is another one")
        #expect(peers.count == 2)
    }

    @Test("Who is supposed to be the peer is not refused in another one's place", arguments: [-500, 500])
    func refusedBeside(silence: Int64) {
        var peers = beside(silence: silence)
        let refusal = peers.succeeded(at: here, isFull: true)
        #expect(refusal == .refused(silence > 0 ? [7] : [8]))
        #expect(peers.count == 1)
        var doubtful = beside(silence: 0)
        let nobody = doubtful.succeeded(at: here, isFull: true)
        #expect(nobody == .refused([]), "nor one of two of which that is not known")
        #expect(doubtful.count == 1)
    }

    @Test("A handshake nobody is in is not counted")
    func leftover() {
        var peers = AcceptedPeers()
        let stray = peers.succeeded(at: here)
        peers.accepted(7, at: here)
        let elsewhere = peers.succeeded(at: there)
        let real = peers.succeeded(at: here)
        let again = peers.succeeded(at: here)
        #expect([stray, elsewhere, real, again] == [.unknown, .unknown, .joined(nil), .unknown])
        #expect(peers.count == 1)
    }

    @Test("Addresses do not mix, and unbinding forgets one of them")
    func addresses() {
        var peers = AcceptedPeers()
        peers.accepted(7, at: here)
        peers.accepted(8, at: there)
        _ = peers.succeeded(at: here)
        _ = peers.succeeded(at: there)
        #expect(peers.count == 2)
        _ = peers.unbound { $0 == here }
        #expect(peers.count == 1)
        #expect(peers.disconnected(7, at: here) == nil)
        // The descriptor of a connection that ended without a word is used again.
        peers.accepted(8, at: there)
        #expect(peers.count == 0)
    }
}
