// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("What peers may send", .watchdog)
struct ReceiveLimitTests {
    @Test("A publisher takes no longer topics than there are, others what max_message_size says")
    func limits() {
        let topics: Int64 = 65_536 + 10
        let cases: [(allowed: Int?, publisher: Int64, other: Int64)] = [
            (nil, topics, -1), (1, 1_024, 1_024), (2_000, 2_000, 2_000), (64 << 20, topics, 64 << 20),
        ]
        for (allowed, publisher, other) in cases {
            var options = ZMQSocketOptions()
            options.maxMessageSize = allowed
            #expect(options.receiveLimit(of: .pub) == publisher)
            for kind in [ZMQSocketType.xpub, .pull, .sub] { #expect(options.receiveLimit(of: kind) == other) }
        }
    }
}
