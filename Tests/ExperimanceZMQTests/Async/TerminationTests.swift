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
        process.terminate()
        // How fast it is `make bench-swift` tells; here the watchdog is the limit, as the machine may be busy.
        try await onThread { process.waitUntilExit() }
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 0)
    }
}
