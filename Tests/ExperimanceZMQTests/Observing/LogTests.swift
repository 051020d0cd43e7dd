// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Testing

@testable import ExperimanceZMQ

@Suite("What others have chosen, in a line", .watchdog)
struct PrintableTextTests {
    @Test("A line stays one line, and one string in C")
    func controls() {
        #expect(String(printable: Array("weather/ä".utf8)) == "weather/ä")
        #expect(String(printable: [97, 0, 98, 10, 27, 91, 0x7F]) == "a\\u{0}b\\u{a}\\u{1b}[\\u{7f}")
        #expect(String(printable: Array("a\u{85}b\u{2028}".utf8)) == "a\\u{85}b\\u{2028}")
        #expect(String(printable: [0xFF]) == "\u{FFFD}")
        var event = ZMQEvent(.subscriberJoined, count: 1)
        event.note(topic: [97, 0, 10])
        #expect(event.description == "subscriber joined for \"a\\u{0}\\u{a}\", 1 now")
        let type = ProbeVerdict.otherType("PU\nSH", ours: .sub)
        #expect(type.certainFailure?.reason.contains("\n") == false)
    }
}

private final class Recorder: LogHandler, @unchecked Sendable {
    // Unchecked: `lines` is behind its lock, the rest is set before use.
    let lines = Guarded<[(Logger.Level, String)]>([])
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(_ level: Logger.Level) { logLevel = level }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append((event.level, event.message.description)) }
    }
}

@Suite("ZMQLog", .watchdog, .serialized)
struct LogTests {
    private func linesOfOneConnect(_ level: Logger.Level?) throws -> [(Logger.Level, String)] {
        let recorder = Recorder(level ?? .critical)
        ZMQLog.use(level.map { _ in Logger(label: "test") { _ in recorder } })
        defer { ZMQLog.use(nil) }
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let puller = try ZMQPuller(context: context)
        let pusher = try ZMQPusher(context: context)
        let endpoint = try puller.bind("tcp://127.0.0.1:0")
        try pusher.connect(endpoint, timeout: ample)
        try puller.waitForPeers(atLeast: 1, timeout: ample)
        try pusher.close(linger: .zero)
        try puller.awaitEvent(.lost)
        // Other suites log at the same time: only this endpoint's lines count.
        return recorder.lines.withLock { $0 }.filter { $0.1.contains(endpoint) }
    }

    @Test("At debug the whole story of a connection is told")
    func debug() throws {
        let lines = try linesOfOneConnect(.debug).map(\.1)
        for part in ["listening", "connecting, attempt 1", "handshaken", "PUSH#", "PULL#"] {
            #expect(lines.contains { $0.contains(part) }, "\(part)")
        }
    }

    @Test("A higher level leaves the lesser lines out")
    func info() throws {
        let lines = try linesOfOneConnect(.info)
        #expect(lines.contains { $0.1.contains("handshaken") })
        #expect(lines.allSatisfy { $0.0 >= .info })
    }

    @Test("Silent unless asked for")
    func silent() throws {
        #expect(try linesOfOneConnect(nil).isEmpty)
    }
}
