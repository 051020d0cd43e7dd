// SPDX-License-Identifier: Apache-2.0

package import ExperimanceZMQ

/// What a proxy has done so far.
package struct FaultStatistics: Sendable {
    /// What all draws are made from.
    package let seed: UInt64
    /// In force.
    package var faults = 0
    /// Accepted.
    package var connections: UInt64 = 0
    package var ended: UInt64 = 0
    /// Without a target.
    package var failed: UInt64 = 0
    package var bytesToTarget: UInt64 = 0
    package var bytesToClient: UInt64 = 0
    /// How often a fault has struck a connection.
    package var struck: UInt64 = 0
    /// Why the target could not be reached the last time.
    package var lastFailure: ZMQSocketError?

    init(seed: UInt64) {
        self.seed = seed
    }

    package var open: UInt64 { connections - ended }

    package subscript(count: FaultCount) -> UInt64 {
        switch count {
        case .connections: connections
        case .ended: ended
        case .failed: failed
        case .bytesToTarget: bytesToTarget
        case .bytesToClient: bytesToClient
        case .struck: struck
        }
    }
}
