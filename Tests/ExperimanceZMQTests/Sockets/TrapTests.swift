// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Traps follow from the state", .watchdog)
struct TrapTests {
    private struct Row: Sendable, CustomTestStringConvertible {
        let fact: Traps
        let kind: ZMQSocketType
        let sending: Traps
        let receiving: Traps
        let testDescription: String

        init(_ name: String, _ fact: Traps, _ kind: ZMQSocketType, sending: Traps, receiving: Traps) {
            (testDescription, self.fact, self.kind, self.sending, self.receiving) =
                ("\(name) on a \(kind.name)", fact, kind, sending, receiving)
        }
    }

    private static let rows = [
        Row("nothing special", [], .pair, sending: [], receiving: []),
        Row("nothing special", [], .push, sending: [], receiving: .unsupported),
        Row("nothing special", [], .pull, sending: .unsupported, receiving: []),
        Row("nothing special", [], .sub, sending: .unsupported, receiving: []),
        Row("nothing special", [], .pub, sending: .publisher, receiving: .unsupported),
        Row("nothing special", [], .xpub, sending: [], receiving: []),
        Row("somebody who waits for subscribers", .publisher, .xpub, sending: .publisher, receiving: []),
        Row("somebody who waits for peers", .publisher, .dealer, sending: [], receiving: []),
        Row("somebody who waits", .waiters, .dealer, sending: .waiters, receiving: .waiters),
        Row("a watched descriptor", .watched, .dealer, sending: .watched, receiving: .watched),
        Row("a request under way", .requesting, .req, sending: .requesting, receiving: .requesting),
        Row("a rest", .resting, .push, sending: .resting, receiving: .unsupported),
        Row("a rest", .resting, .dealer, sending: .resting, receiving: []),
        Row("an attempt", .gated, .push, sending: .gated, receiving: .unsupported),
        Row("an attempt", .gated, .req, sending: .gated, receiving: []),
        // Their messages go to whom they are for, and to nobody whose handshake is still going on.
        Row("an attempt", .gated, .router, sending: [], receiving: []),
        Row("an attempt", .gated, .pub, sending: .publisher, receiving: .unsupported),
        Row("a held message", .holding, .pull, sending: .unsupported, receiving: .holding),
        Row("a held message", .holding, .dealer, sending: [], receiving: .holding),
        // It stands for a request that was not received yet, or for an answer that nobody came for.
        Row("a held message", .holding, .rep, sending: .holding, receiving: .holding),
        Row("a held message", .holding, .req, sending: .holding, receiving: .holding),
        Row(
            "all of it",
            [.waiters, .watched, .requesting, .resting, .gated, .holding],
            .req,
            sending: [.waiters, .watched, .requesting, .resting, .gated, .holding],
            receiving: [.waiters, .watched, .requesting, .holding]
        ),
    ]

    @Test("State → traps", arguments: rows)
    private func table(row: Row) {
        let rule = TrapRule(for: row.kind)
        #expect(rule.traps(sending: row.fact) == row.sending)
        #expect(rule.traps(receiving: row.fact) == row.receiving)
    }

    @Test(
        "With nothing special every type that can send and receive takes the short way",
        arguments: ZMQSocketType.allCases
    )
    func shortWay(kind: ZMQSocketType) {
        let rule = TrapRule(for: kind)
        #expect(rule.traps(sending: []).isEmpty == (kind.canSend && kind != .pub))
        #expect(rule.traps(receiving: []).isEmpty == kind.canReceive)
    }
}
