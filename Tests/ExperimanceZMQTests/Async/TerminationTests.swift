// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import ExperimanceZMQ

@Suite("A service of tasks", .serialized, .watchdog(seconds: 120))
struct TerminationTests {
    @Test("SIGTERM ends a process in which 100 subscribers wait")
    func termination() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("idle-subscribers")
        process.arguments = ["100"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let line = try await onThread { try output.fileHandleForReading.read(upToCount: 8) }
        #expect(line == Data("waiting\n".utf8))
        let start = ContinuousClock.now
        process.terminate()
        try await onThread { process.waitUntilExit() }
        let elapsed = ContinuousClock.now - start
        print("from SIGTERM to the end of the process, 100 subscribers: \(elapsed)")
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 0)
        // 0.1 s is the promise, when nothing else is going on.
        #expect(elapsed < .seconds(5))
    }
}
