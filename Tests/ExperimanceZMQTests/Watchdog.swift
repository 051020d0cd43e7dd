// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Ends the process when a test takes longer than anybody would wait: a hang must be a failure, not a stuck job.
struct Watchdog: TestTrait, SuiteTrait, TestScoping {
    let seconds: Double
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        // A suite's scope covers its waiting for other tests; only the cases are timed.
        guard testCase != nil else { return try await function() }
        let name = test.name
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "watchdog"))
        timer.schedule(deadline: .now() + seconds)
        timer.setEventHandler {
            FileHandle.standardError.write(Data("watchdog: \(name) has not ended after \(seconds) s\n".utf8))
            abort()
        }
        timer.resume()
        defer { timer.cancel() }
        try await function()
    }
}

extension Trait where Self == Watchdog {
    static var watchdog: Watchdog { Watchdog(seconds: 60) }
    static func watchdog(seconds: Double) -> Watchdog { Watchdog(seconds: seconds) }
}
