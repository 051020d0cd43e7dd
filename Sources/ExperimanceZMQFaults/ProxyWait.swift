// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// What is counted, numbered as in C.
package enum FaultCount: Int32, CaseIterable, Sendable {
    case connections = 1
    case ended = 2
    case failed = 3
    case bytesToTarget = 4
    case bytesToClient = 5
    case struck = 6
}

/// What can be waited for.
package enum FaultGoal: Sendable {
    /// That something has been counted.
    case count(FaultCount)
    /// That a fault has struck.
    case strikes(of: UInt32)
}

/// A wait for that. What it knows is touched with the relay's lock held only.
final class ProxyWait: @unchecked Sendable {
    // Unchecked: see above.
    let goal: FaultGoal
    let atLeast: UInt64
    let completion = Completion()
    /// Why it will never come to that.
    var failure: ZMQSocketError?

    init(_ goal: FaultGoal, atLeast: UInt64) {
        self.goal = goal
        self.atLeast = atLeast
    }
}
