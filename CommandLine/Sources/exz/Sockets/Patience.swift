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

    /// So long from then on.
    func deadline(from start: UInt64 = MonotonicClock.now) -> Deadline { Deadline(limit?.nanoseconds, from: start) }

    /// As ``wait(orSay:_:)``, for one of several things that have to come until then: not even what is there already is
    /// taken when the time is up.
    ///
    /// - Throws: `timedOut`; what the library says otherwise.
    func wait<Result>(
        until deadline: Deadline,
        orSay missing: @autoclosure () -> String,
        _ body: (ZMQTimeout) throws(ZMQSocketError) -> Result
    ) throws -> Result {
        guard let limit else { return try wait(orSay: missing(), body) }
        while let left = deadline.left(at: MonotonicClock.now), left > 0 {
            do throws(ZMQSocketError) {
                // To the next whole one, and no longer than the library waits.
                return try body(.milliseconds(Int(Int32(clamping: (left - 1) / 1_000_000 + 1))))
            } catch {
                guard error.code == .timeout else { throw error }
            }
        }
        throw Failure(.timedOut, "\(missing()) within \(TimeText.write(limit))")
    }
}
