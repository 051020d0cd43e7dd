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
