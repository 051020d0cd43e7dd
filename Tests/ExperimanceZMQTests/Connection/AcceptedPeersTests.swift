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
        let received: [Int32: Int64] = [7: 64, 8: 91, 9: 0, 10: 4_000]
        var peers = AcceptedPeers()
        for descriptor: Int32 in [7, 8, 9] { peers.accepted(descriptor, at: here) }
        _ = peers.succeeded(at: here) { received[$0] }
        #expect(peers.disconnected(7, at: here) == .rejected(.handshakeRejected))
        peers.accepted(10, at: here)
        _ = peers.succeeded(at: here) { received[$0] }
        #expect(peers.disconnected(9, at: here) == .rejected(.handshakeRejected))
        #expect(peers.count == 2)
        #expect(peers.disconnected(8, at: here) == .lost)
        #expect(peers.disconnected(10, at: here) == .lost)
        #expect(peers.count == 0)
    }

    @Test("A handshake nobody is in is not counted")
    func leftover() {
        var peers = AcceptedPeers()
        let stray = peers.succeeded(at: here)
        peers.accepted(7, at: here)
        let elsewhere = peers.succeeded(at: there)
        let real = peers.succeeded(at: here)
        let again = peers.succeeded(at: here)
        #expect([stray, elsewhere, real, again] == [false, false, true, false])
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
