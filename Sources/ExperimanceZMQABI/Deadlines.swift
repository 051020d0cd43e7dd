// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

extension Deadline {
    /// When a call is back that has no socket whose default could count, if it begins now.
    ///
    /// - Throws: `invalid` for a negative number other than EXZ_DEFAULT_TIMEOUT.
    init(ofCall timeout_ms: Int32) throws(ZMQSocketError) {
        guard timeout_ms >= -1 else { throw .invalid("timeout_ms is \(timeout_ms)") }
        self.init(milliseconds: timeout_ms < 0 ? usualTimeout : timeout_ms, after: .now())
    }
}
