// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Synchronization

/// Has the answering side know whose connections are lost, also while it waits for a message.
final class LostPeers: Sendable {
    private let names = Mutex<Set<[UInt8]?>>([])
    private let canceler: ZMQCanceler

    init() throws {
        canceler = try ZMQCanceler()
    }

    func heed(_ event: ZMQEvent) {
        guard event.kind == .lost else { return }
        names.withLock { _ = $0.insert(event.identity) }
        canceler.cancel()
    }

    /// The names of those that were lost since this was last asked; nil stands for those without one.
    func take() -> Set<[UInt8]?> {
        // In this order: what is lost in between ends the next wait for nothing, and is not missed.
        canceler.reset()
        return names.withLock { names in
            defer { names = [] }
            return names
        }
    }

    /// Runs a wait; nil if a connection has been lost since the last.
    func interrupting<Result>(_ body: () throws -> Result) throws -> Result? {
        do {
            return try canceler.cancelling(body)
        } catch let error as ZMQSocketError where error.code == .canceled {
            return nil
        }
    }
}
