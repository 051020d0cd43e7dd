// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// A received message, as a handle keeps it.
final class MessageBox: Sendable {
    private let message: Guarded<ReceivedMessage>

    init(_ message: ReceivedMessage) {
        self.message = Guarded(message)
    }

    /// What is in it, for a box that nobody else has any more.
    var content: ReceivedMessage { message.withLock { $0 } }

    var partCount: Int { message.withLock { $0.partCount } }

    /// Where a part is until the box is gone.
    ///
    /// - Throws: `noMemory`; `invalid` if there is no such part.
    func bytes(ofPart index: Int) throws(ZMQSocketError) -> UnsafeRawBufferPointer {
        try message.withLock { message throws(ZMQSocketError) in try message.lastingBytes(ofPart: index) }
    }
}
