// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Shell
import Synchronization

/// What ends a measurement from beside: a connection that is lost, or the other side, where it is in this process. The
/// waits end, and this is what is told.
final class Trouble: Sendable {
    private let first = Mutex<(any Error)?>(nil)
    private let canceler: ZMQCanceler

    init() throws {
        canceler = try ZMQCanceler()
    }

    /// Ends it; what comes after the first is not told.
    func raise(_ error: any Error) {
        first.withLock { if $0 == nil { $0 = error } }
        canceler.cancel()
    }

    /// Runs `body` until it ends or trouble comes.
    func ending<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try canceler.cancelling(body)
        } catch {
            throw first.withLock { $0 } ?? error
        }
    }

    /// A lost connection is one: what was on its way may be lost as well, and is no measure of anything.
    func heed(_ event: ZMQEvent) {
        guard event.kind == .lost else { return }
        let reason = event.message ?? event.code?.explanation ?? "it is gone"
        raise(Failure(.failed, "the connection to \(event.endpoint ?? "the other side") was lost: \(reason)"))
    }
}
