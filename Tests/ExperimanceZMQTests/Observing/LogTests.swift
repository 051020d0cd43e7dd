// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Testing

@testable import ExperimanceZMQ

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
