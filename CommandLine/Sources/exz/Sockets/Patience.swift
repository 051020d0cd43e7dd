// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Shell

/// How long a command waits for one thing: up to `--timeout`, and without it for ever.
struct Patience: Sendable {
    let limit: Duration?

    /// Repeats a wait of the library, whose longest is 24 days, until it answers.
    ///
    /// - Parameter missing: what has not come when the time is up, in words.
    /// - Throws: `timedOut`; what the library says otherwise.
    func wait<Result>(
        orSay missing: @autoclosure () -> String,
        _ body: (ZMQTimeout) throws(ZMQSocketError) -> Result
    ) throws -> Result {
        while true {
            do throws(ZMQSocketError) {
                return try body(limit.map { .duration($0) } ?? .milliseconds(Int(Int32.max)))
            } catch {
                guard error.code == .timeout else { throw error }
                guard let limit else { continue }
                throw Failure(.timedOut, "\(missing()) within \(TimeText.write(limit))")
            }
        }
    }
}
