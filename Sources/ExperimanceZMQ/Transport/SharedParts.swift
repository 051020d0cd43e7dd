// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import LibC

/// A message on its way into libzmq, as libzmq's own: one that was received, or of parts that are lent.
@safe
package final class SharedParts {
    private let messages: UnsafeMutableBufferPointer<zmq_msg_t>
    /// Bytes of all parts.
    let size: Int

    /// Nil without memory.
    ///
    /// - Parameter fill: makes the part of that number; false without memory.
    init?(count: Int, size: Int, _ fill: (Int, UnsafeMutablePointer<zmq_msg_t>) -> Bool) {
        // And as many behind them for copies, of which libzmq may take some and drop them.
        guard count > 0, let block = unsafe calloc(2 * count, MemoryLayout<zmq_msg_t>.stride) else { return nil }
        let base = unsafe block.bindMemory(to: zmq_msg_t.self, capacity: count)
        for index in 0..<count where unsafe !fill(index, base + index) {
            unsafe OutgoingMessage.close(base, count: index)
            unsafe free(block)
            return nil
        }
        unsafe messages = UnsafeMutableBufferPointer(start: base, count: count)
        self.size = size
    }

    deinit {
        guard let base = unsafe messages.baseAddress else { return }
        unsafe OutgoingMessage.close(base, count: messages.count)
        unsafe free(base)
    }

    var partCount: Int { unsafe messages.count }

    /// Sends it without waiting. Negative, with errno, if it was not taken and is still here.
    func send(to socket: RawSocket) -> Int32 {
        guard let base = unsafe messages.baseAddress else { return 0 }
        return unsafe OutgoingMessage.send(keeping: messages, base + messages.count, to: socket)
    }
}
