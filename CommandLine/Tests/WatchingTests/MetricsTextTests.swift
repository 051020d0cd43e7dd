// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Watching

@Suite("Metrics for Prometheus")
struct MetricsTextTests {
    @Test("Names, types and helps are those of all doors")
    func names() throws {
        let path = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let file = try String(contentsOfFile: "/\(path)/Tests/data/metrics.tsv", encoding: .utf8)
        let lines = file.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: "\t") }
        let known = Metric.ofSockets.map { [$0.name, $0.kind.rawValue, $0.field, $0.help] }
        #expect(lines.map { $0.prefix(4).map(String.init) } == known)
        #expect(!lines.isEmpty)
    }

    @Test("Each metric is there once, with its help and type in front of its samples")
    func whole() throws {
        let (one, other) = (try sighting(at: 1), try sighting(at: 1, ("\"pid\":77", "\"pid\":78")))
        let lines = MetricsText.write([one, other]).split(separator: "\n", omittingEmptySubsequences: false)
        let labels =
            "endpoint=\"ipc:///run/77-1.stats\",program=\"camera\",pid=\"77\",context=\"1\",context_name=\"cam\",socket=\"3\",type=\"PUSH\""
        let index = try #require(lines.firstIndex(of: "# TYPE experimance_zmq_messages_sent_total counter"))
        #expect(lines[index - 1] == "# HELP experimance_zmq_messages_sent_total Messages that libzmq has taken over.")
        #expect(lines[index + 1] == "experimance_zmq_messages_sent_total{\(labels)} 10")
        #expect(lines[index + 2].contains("pid=\"78\""))
        #expect(lines.last == "")
        let heads = lines.filter { $0.hasPrefix("# TYPE ") }
        #expect(Set(heads).count == heads.count)
    }

    @Test("Labels are escaped, so that no program writes lines of its own")
    func escaping() throws {
        let evil = try sighting(at: 1, ("camera", "a\\\\b\\\"c\\r\\nd 1"))
        let text = MetricsText.write([evil])
        #expect(text.contains("program=\"a\\\\b\\\"c\\\\u000d\\nd 1\""))
        let isSample = /^(# (HELP|TYPE) [a-z_]+ .*|[a-z_]+\{[a-z_]+=".*"\} [0-9.]+)$/.dotMatchesNewlines()
        for line in text.unicodeScalars.split(separator: "\n") { #expect(String(line).contains(isSample)) }
    }

    @Test(
        "Nothing in a label moves a cursor",
        arguments: [
            ("\\u001b[2J", "\\\\u001b[2J"), ("\\u009b31m", "\\\\u009b31m"), ("\\u007f", "\\\\u007f"),
            ("\\u202e", "\\\\u202e"), ("\\t", "\\\\u0009"), ("é", "é"),
        ]
    )
    func controls(told: String, written: String) throws {
        let text = MetricsText.write([try sighting(at: 1, ("camera", told))])
        #expect(text.contains("program=\"\(written)\""))
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
    }

    @Test("No series is there twice, whatever programs say and where they are")
    func doubles() throws {
        var one = try sighting(at: 1)
        var program = try #require(one.statistics)
        program.sockets += program.sockets
        one.finding = .statistics(program)
        var other = one
        other.endpoint = "ipc:///other/77-1.stats"
        let samples = MetricsText.write([one, other]).split(separator: "\n").filter { !$0.hasPrefix("#") }
        let series = samples.map { $0.prefix { $0 != "}" } }
        #expect(Set(series).count == series.count)
        #expect(series.count { $0.hasPrefix("experimance_zmq_peers{") } == 2)
        #expect(samples.contains("experimance_zmq_up{endpoint=\"ipc:///other/77-1.stats\"} 1"))
    }

    @Test("A program that does not answer is down, and has nothing else")
    func down() {
        let text = MetricsText.write([Sighting(endpoint: "ipc:///a", finding: .ended, time: 0)])
        #expect(text.hasSuffix("experimance_zmq_up{endpoint=\"ipc:///a\"} 0\n"))
    }
}
