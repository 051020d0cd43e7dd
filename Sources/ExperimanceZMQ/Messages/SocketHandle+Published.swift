// SPDX-License-Identifier: Apache-2.0

import DequeModule
import LibC

extension SocketHandle {
    /// Receives published messages: waits for the first and takes what is there, in either wire form.
    ///
    /// - Parameters:
    ///   - buffer: gets topics and payloads, one behind the other.
    ///   - sizes: get two numbers for each message, the topic's size and the payload's; the first two also with
    ///     `tooSmall`.
    ///   - count: how many messages came; 0 unless the answer is `ok`.
    /// - Returns: `ok` with at least one message; `tooSmall` if the first does not fit, `state` if it is no topic and
    ///   payload: both are kept for the next receive.
    package func receivePublished(
        into buffer: UnsafeMutableRawBufferPointer,
        sizes: UnsafeMutableBufferPointer<Int>,
        count: inout Int,
        timeout: Int32
    ) -> Code {
        count = 0
        guard timeout >= -1, sizes.count > 1 else { return .invalid }
        guard let slot = socketSlots.slot(of: rawValue) else { return socketSlots.failure(of: rawValue) }
        guard slot.enter() else { return .state }
        let form: IncomingBatch.Form = unsafe slot.pointee.core?.options.wireForm == .space ? .partWithSpace : .twoParts
        var batch = unsafe IncomingBatch(form, into: buffer, sizes: sizes, limit: Self.batchLimit)
        let code = unsafe finishReceive(slot, timeout: timeout) { core, socket in
            unsafe core.kind == .sub ? batch.take(from: core, socket) : .notSupported
        }
        count = batch.count
        return code
    }
}
