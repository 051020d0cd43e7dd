// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("The health of a connection")
struct ConnectionHealthTests {
    private static let second: Int64 = 1_000 * nanosecondsPerMillisecond

    @Test(
        "A host is gone when it was asked more than once and has been silent",
        arguments: [
            // retransmissions, unanswered probes, seconds of silence, gone after four
            (0, 0, 0, false),
            (0, 0, 60, false),
            (1, 0, 5, false),
            (2, 0, 3, false),
            (2, 0, 4, true),
            (5, 0, 5, true),
            (5, 0, 1, false),
            (0, 2, 60, false),
            (0, 3, 60, true),
            (0, 3, 1, false),
        ]
    )
    func gone(retransmissions: Int, probes: Int, seconds: Int64, isGone: Bool) {
        let health = ConnectionHealth(
            hasDataUnderWay: true,
            retransmissions: retransmissions,
            unansweredProbes: probes,
            silence: seconds * Self.second
        )
        #expect(health.isDead(after: 4 * Self.second) == isGone)
    }

    @Test("Where data does not leave this host, the kernel's first question to itself is enough", arguments: [0, 1, 2])
    func stuck(probes: Int) {
        var health = ConnectionHealth(
            hasDataUnderWay: true,
            retransmissions: 0,
            unansweredProbes: probes,
            silence: 4 * Self.second
        )
        #expect(!health.isDead(after: 4 * Self.second))
        health.isStuck = true
        #expect(health.isDead(after: 4 * Self.second) == (probes > 0))
        #expect(!health.isDead(after: 4 * Self.second + 1))
    }

    @Test("What is no TCP connection has no health")
    func notAConnection() {
        #expect(ConnectionHealth(of: -1) == nil)
        #expect(ConnectionHealth(of: 0) == nil)
    }
}
