// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// Where a socket is to be, and how long it is tried to get there.
struct Places {
    var bind: [String]
    var connect: [String]
    /// Whether peers to connect to may start later.
    var isInBackground = false
    /// How the library tries again.
    var policy = ZMQRetryPolicy()
    /// The bound of one connect or bind, with all its attempts.
    var limit: ZMQTimeout = .seconds(10)
    /// The bound of every other wait.
    var patience = Patience(limit: nil)
    /// Peers to wait for.
    var peers: Int?
}
