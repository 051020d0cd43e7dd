// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Watching

@Suite("The table of sockets")
struct TableTests {
    @Test("Rates are differences over the time between two looks, and never below zero")
    func rates() throws {
        let before = try sighting(at: 5)
        let now = try sighting(
            at: 7,
            ("\"messages_sent\":10", "\"messages_sent\":31"),
            ("\"bytes_sent\":100", "\"bytes_sent\":9")
        )
        let rates = Rates(from: [before])
        let socket = try #require(now.statistics?.sockets.first)
        #expect(rates.rate(of: "messages_sent", socket, in: now) == 10.5)
        #expect(rates.rate(of: "bytes_sent", socket, in: now) == 0)
        #expect(rates.rate(of: "no such", socket, in: now) == nil)
        #expect(Rates().rate(of: "messages_sent", socket, in: now) == nil)
        // Another process at the same path has begun anew.
        let other = try sighting(at: 7, ("\"pid\":77", "\"pid\":78"))
        #expect(rates.rate(of: "messages_sent", try #require(other.statistics?.sockets.first), in: other) == nil)
    }

    @Test("A row has what the socket does, and what goes wrong")
    func row() throws {
        let lines = Table([try sighting(at: 1)], since: Rates(), by: .program).lines(width: nil)
        #expect(lines.count == 2)
        #expect(lines[0].text.hasPrefix("PID  PROGRAM  SOCKET"))
        for part in ["77", "camera", "PUSH#3", "ready", "4/0", "tcp://a:1 +1", "3 s ago: late"] {
            #expect(lines[1].text.contains(part), "\(part)")
        }
    }

    @Test("Those that do not answer have a line that says so")
    func troubles() {
        let findings: [Sighting.Finding] = [.ended, .silent, .turnedAway, .failed("no\u{1B}[2J")]
        let sightings = findings.map { Sighting(endpoint: "ipc:///a", finding: $0, time: 0) }
        let lines = Table(sightings, since: Rates(), by: .errors).lines(width: nil)
        #expect(lines.count == 5)
        #expect(lines[2].text == "ipc:///a: does not answer: stopped, or too busy")
        #expect(lines[4].text == "ipc:///a: no?[2J")
    }

    @Test("No line is wider than the terminal, and nothing in it moves the cursor", arguments: [0, 1, 2, 20, 500])
    func width(width: Int) throws {
        let evil = try sighting(
            at: 1,
            ("camera", "\\u001b[31m\\u202e\\n"),
            ("tcp://a:1", String(repeating: "x", count: 200))
        )
        for line in Table([evil], since: Rates(), by: .program).lines(width: width) {
            #expect(line.text.count <= width)
            #expect(line.text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        }
    }

    @Test("The order is that which was asked for")
    func order() throws {
        let busy = try sighting(at: 1, ("\"pid\":77", "\"pid\":99"), ("\"messages_sent\":10", "\"messages_sent\":5000"))
        let quiet = try sighting(at: 1, ("\"age_s\":3.25", "\"age_s\":1.5"))
        func first(_ order: Table.Order) -> String {
            Table([busy, quiet], since: Rates(), by: order).lines(width: nil)[1].text
        }
        #expect(first(.program).contains("77"))
        #expect(first(.traffic).contains("99"))
        #expect(first(.errors).contains("1 s ago"))
    }

    @Test(
        "Numbers and times are short",
        arguments: [
            (0.0, "0"), (0.25, "0.3"), (12.0, "12"), (99_999.0, "99999"), (123_456.0, "123k"), (1_500_000.0, "1.5M"),
            (2e9, "2.0G"), (1.8e19, "18000P"), (.infinity, "?"), (.nan, "?"), (-1e300, "?"), (-0.5, "?"),
            (1e19, "10000P"), (99.97, "100.0"),
        ]
    )
    func numbers(value: Double, text: String) {
        #expect(Table.number(value) == text)
    }

    @Test func ages() {
        #expect(Table.age(-1) == "0 s")
        #expect(Table.age(119) == "119 s")
        #expect(Table.age(3_600) == "60 min")
        #expect(Table.age(100_000) == "27 h")
        #expect(Table.age(1e300) == "long")
    }
}
