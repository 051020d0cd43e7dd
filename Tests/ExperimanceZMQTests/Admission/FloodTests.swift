// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("What strangers cost who come in numbers", .watchdog)
struct FloodTests {
    private func connections(_ origins: [String]) -> [HalfOpenConnections.Connection] {
        origins.enumerated().map { index, origin in
            .init(descriptor: Int32(index), cookie: UInt64(index) + 1, origin: PeerOrigin(origin))
        }
    }

    @Test("The oldest of the address that has most goes, and nobody while there is room")
    func victims() {
        let all = HalfOpenConnections(connections(["10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.3"]))
        #expect(all.victim(limit: 4) == nil)
        #expect(all.victim(limit: 3)?.descriptor == 1)
        #expect(HalfOpenConnections([]).victim(limit: 0) == nil)
        #expect((8...256).contains(HalfOpenConnections.limit))
    }

    @Test("A rejected peer has a line once a second, and the next one tells of those without")
    func lines() {
        var lines = RejectionLines()
        let event = ZMQEvent(.peerRejected, message: "no")
        func at(_ milliseconds: Int64) -> MonotonicInstant {
            MonotonicInstant(nanoseconds: 1_000_000_000 + milliseconds * nanosecondsPerMillisecond)
        }
        #expect(lines.line(for: event, at: at(0))?.message == "no")
        #expect(lines.line(for: event, at: at(1)) == nil)
        #expect(lines.line(for: event, at: at(999)) == nil)
        #expect(lines.line(for: ZMQEvent(.lost), at: at(999)) != nil)
        #expect(lines.line(for: event, at: at(1000))?.message?.contains("2 more") == true)
        #expect(lines.line(for: event, at: at(2000))?.message == "no")
    }
}
