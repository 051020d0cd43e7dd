// SPDX-License-Identifier: Apache-2.0

// Receiving for Swift's sockets.
extension SocketHandle {
    /// Receives one message.
    func receiveBatched(timeout: Int32) throws(ZMQSocketError) -> BatchedMessage {
        if let message = try takeAhead() { return message }
        return try perform(ReceiveOperation(timeout: ZMQTimeout(milliseconds: timeout)))
    }

    /// The same for the current task.
    nonisolated(nonsending) func receiveBatched(
        timeout: ZMQTimeout
    ) async throws(ZMQSocketError) -> BatchedMessage {
        if !Task.isCancelled, let message = try takeAhead() { return message }
        return try await performInTask(ReceiveOperation(timeout: timeout))
    }

    /// A message that was received ahead, if nothing else is to be seen to.
    @inline(__always)
    private func takeAhead() throws(ZMQSocketError) -> BatchedMessage? {
        guard let slot = socketSlots.slot(of: rawValue) else {
            throw ZMQSocketError(socketSlots.failure(of: rawValue))
        }
        guard slot.take() else { throw .inSignalHandler }
        defer { slot.unlock() }
        guard unsafe slot.pointee.liveID == rawValue, unsafe slot.pointee.receiveTraps == .holding else { return nil }
        guard let core = unsafe slot.pointee.core else { return nil }
        // With the lock held, the slot keeps it.
        return unsafe Unmanaged.passUnretained(core)._withUnsafeGuaranteedRef { $0.inbox.takeAhead() }
    }
}

extension SocketHandle {
    /// A message by itself as one of a batch.
    ///
    /// - Throws: `noMemory`, and the message is the next one to be received.
    func batched(_ message: ReceivedMessage) throws(ZMQSocketError) -> BatchedMessage {
        guard let builder = BatchBuilder(limit: 1, room: 0) else { throw giveBack(message, .noMemory) }
        unsafe builder.hold(message)
        guard let batch = builder.takeBatch() else { throw giveBack(message, .noMemory) }
        return BatchedMessage(batch: batch, index: 0)
    }

    /// What is published, in the socket's wire form and memory of its own.
    ///
    /// - Throws: `noMemory`; `invalid` for a topic with a space in the wire form `space`, which would end there.
    func published(_ payload: [UInt8], topic: [UInt8]) throws(ZMQSocketError) -> OutgoingParts {
        let form = try withCore { core throws(ZMQSocketError) in
            let form = core.options.wireForm
            guard form != .space || !topic.contains(UInt8(ascii: " ")) else {
                core.countRefusedSend(.invalid)
                throw ZMQSocketError(.invalid)
            }
            return form
        }
        return try .copying(form == .space ? [topic + [UInt8(ascii: " ")] + payload] : [topic, payload])
    }
}
