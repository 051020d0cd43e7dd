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
    let details = Guarded<[Logger.Metadata]>([])
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(_ level: Logger.Level) { logLevel = level }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append((event.level, event.message.description)) }
        details.withLock { $0.append(event.metadata ?? [:]) }
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
        // Lines are written after an event can be read; a context is closed once its threads have ended.
        try context.close(linger: .zero)
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

    @Test("At info is what went wrong, and nothing is above: a library does not know how much it matters")
    func info() throws {
        let lines = try linesOfOneConnect(.info)
        #expect(lines.contains { $0.1.contains("lost") })
        #expect(!lines.contains { $0.1.contains("handshaken") })
        #expect(lines.allSatisfy { $0.0 == .info })
    }

    @Test("A line goes to the socket's logger, else to its context's, else to that of all", arguments: [true, false])
    func nearest(isOwn: Bool) throws {
        let (ofSocket, ofContext) = (Recorder(.debug), Recorder(.debug))
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        context.log(to: Logger(label: "context") { _ in ofContext })
        let (puller, pusher) = (try ZMQPuller(context: context), try ZMQPusher(context: context))
        if isOwn { try puller.log(to: Logger(label: "socket") { _ in ofSocket }) }
        try pusher.connect(try puller.bind("tcp://127.0.0.1:0"), timeout: ample)
        try puller.waitForPeers(timeout: ample)
        let (own, others) = (ofSocket.lines.withLock { $0.map(\.1) }, ofContext.lines.withLock { $0.map(\.1) })
        #expect(own.contains { $0.hasPrefix("PULL#") } == isOwn)
        #expect(others.contains { $0.hasPrefix("PULL#") } != isOwn)
        #expect(others.contains { $0.hasPrefix("PUSH#") })
        try puller.log(to: nil)
        let second = try puller.bind("tcp://127.0.0.1:0")
        #expect(ofContext.lines.withLock { $0.contains { $0.1.contains(second) } })
        #expect(!ofSocket.lines.withLock { $0.contains { $0.1.contains(second) } })
    }

    @Test("A metadata provider is asked for each line, and does not hide what the library says")
    func metadata() throws {
        let recorder = Recorder(.debug)
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let puller = try ZMQPuller(context: context)
        let provider = Logger.MetadataProvider { ["service": "renderer", "socket": "mine"] }
        try puller.log(to: Logger(label: "socket") { _ in recorder }, metadataProvider: provider)
        let endpoint = try puller.bind("tcp://127.0.0.1:0")
        let details = try #require(recorder.details.withLock { $0.first })
        #expect(details["service"] == "renderer")
        #expect(details["endpoint"] == "\(endpoint)")
        #expect(details["socket"]?.description.hasPrefix("PULL#") == true)
    }

    @Test("A closed socket takes no logger")
    func closed() throws {
        let puller = try ZMQPuller()
        try puller.close()
        #expect(failure(of: { try puller.log(to: nil) }).error?.code == .closed)
    }

    @Test("Silent unless asked for")
    func silent() throws {
        #expect(try linesOfOneConnect(nil).isEmpty)
    }
}
