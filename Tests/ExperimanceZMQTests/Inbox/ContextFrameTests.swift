// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import ExperimanceZMQ

@Suite("Context of a trace, as a part", .watchdog)
struct ContextFrameTests {
    private static func lines() throws -> [DataLine] { try DataLine.read("context-frames.tsv", columns: 4) }

    @Test("What Python reads, too", arguments: try lines())
    func frame(line: DataLine) throws {
        let fields = try line.bytes(line.columns[0]).withUnsafeBytes { ContextFrame.fields(of: $0) }
        #expect(try fields?[line.columns[1]] ?? "" == line.text(line.columns[2]))
    }

    @Test("Fields that would break their lines are left out; too many make none")
    func writing() {
        let fields = ["traceparent": "x", "baggage": "a=b", "": "x", "a:b": "x", "a\n": "x", "b": "x\ny"]
        let expected = "EXZ-CONTEXT/1\nbaggage: a=b\ntraceparent: x\n"
        #expect(ContextFrame.bytes(of: fields) == Array(expected.utf8))
        #expect(ContextFrame.bytes(of: ["a": String(repeating: "x", count: 16_384)]) == nil)
    }

    @Test("A context before the payload is not taken for the topic")
    func topic() throws {
        let frame = try #require(ContextFrame.bytes(of: ["a": "b"]))
        let published = try ZMQMessage(parts: [Array("weather".utf8), frame, Array("sunny".utf8)])
        #expect(published.topic == "weather")
        #expect(published.contextFields == ["a": "b"])
        #expect(published.text == "sunny")
        #expect(try ZMQMessage(parts: [frame, Array("sunny".utf8)]).topic == nil)
    }
}
