// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("How far a handshake has come", .watchdog)
struct HandshakeSizeTests {
    private let here = "tcp://127.0.0.1:1"

    @Test("By what has come in, and by what was written where that tells more")
    func stages() {
        func stage(_ size: HandshakeSize, _ received: Int64, _ written: Int64?) -> HandshakeSize.Stage {
            size.stage(received: received) { written }
        }
        #expect(stage(.null, 90, 1_000) == .early)
        #expect(stage(.null, 91, 0) == .unclear)
        let curve = HandshakeSize.curveServer
        #expect(stage(curve, 524, 1_000) == .early)
        #expect(stage(curve, 525, 233) == .early)
        #expect(stage(curve, 525, 234) == .unclear)
        #expect(stage(curve, 525, 235) == .unclear)
        #expect(stage(curve, 525, nil) == .unclear)
        // ERROR, as libzmq writes it.
        #expect(stage(curve, 525, 234 + 12) == .refused)
        #expect(stage(curve, 525, 234 + 30) == .done)
        #expect(HandshakeSize.of(nil) == .null)
    }

    private func inflow(_ written: [Int32: Int64]) -> (Int32) -> AcceptedPeers.Inflow? {
        { descriptor in written[descriptor].map { .init(bytes: $0 == 0 ? 300 : 600, silence: 0, written: $0) } }
    }

    private func accepted(_ descriptors: Int32...) -> AcceptedPeers {
        var peers = AcceptedPeers(.curveServer)
        for descriptor in descriptors { peers.accepted(descriptor, at: here) }
        return peers
    }

    @Test("Who has said HELLO and no more, or was told no, is not taken for a peer")
    func strangers() {
        var peers = accepted(7, 8, 9)
        _ = peers.succeeded(at: here, inflow: inflow([7: 0, 8: 246, 9: 234]))
        #expect(peers.established == [9])
        #expect(peers.inHandshake.map(\.descriptor) == [7])
        #expect(peers.disconnected(8, at: here, refusal: .silent) == .rejected(.silent))
        #expect(peers.disconnected(7, at: here) == .rejected(.handshakeRejected))
        #expect(peers.count == 1)
        #expect(peers.disconnected(9, at: here) == .lost)
    }

    @Test("To whom all has been said is the peer, whoever else may be")
    func done() {
        var peers = accepted(7, 8)
        _ = peers.succeeded(at: here, inflow: inflow([7: 234, 8: 234]))
        #expect(peers.established.isEmpty)
        _ = peers.succeeded(at: here, inflow: inflow([7: 234, 8: 300]))
        #expect(Set(peers.established) == [7, 8])
        #expect(peers.count == 2)
        var other = accepted(7, 8)
        _ = other.succeeded(at: here, inflow: inflow([7: 234, 8: 300]))
        #expect(other.established == [8])
        #expect(other.count == 1)
    }

    @Test("Who was told no takes nobody's handshake along, though others may have had it")
    func turnedAway() {
        var peers = accepted(7, 8)
        _ = peers.succeeded(at: here)
        peers.turnAway(7)
        #expect(peers.disconnected(7, at: here, refusal: .silent) == .rejected(.silent))
        #expect(peers.count == 1)
        #expect(peers.disconnected(8, at: here) == .lost)
    }
}
