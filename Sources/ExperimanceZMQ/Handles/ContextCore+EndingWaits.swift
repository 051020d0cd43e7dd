// SPDX-License-Identifier: Apache-2.0

extension ContextCore {
    /// Ends every wait in the context with `canceled`, and each that begins later where it would begin to wait. Nothing
    /// is closed, and what need not wait is done as before; a close goes on for its linger.
    ///
    /// - Throws: `forked`, `closed`.
    package func endWaits() throws(ZMQSocketError) {
        try checkUsable()
        for id in beginToEndWaits() { try? socketSlots.withCore(of: id) { $0.waiters.wakeEveryone() } }
    }
}
