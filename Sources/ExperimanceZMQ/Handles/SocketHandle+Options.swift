// SPDX-License-Identifier: Apache-2.0

extension SocketHandle {
    /// Sets one of libzmq's options by its number.
    package func set(option: Int32, to value: Int64) throws(ZMQSocketError) {
        try withCore { core throws(ZMQSocketError) in try core.set(option: option, to: value) }
    }

    /// The same for an option that is a text or bytes.
    package func set(option: Int32, to bytes: UnsafeRawBufferPointer) throws(ZMQSocketError) {
        try withCore { core throws(ZMQSocketError) in try unsafe core.set(option: option, to: bytes) }
    }

    /// Reads one of libzmq's options by its number.
    package func get(option: Int32) throws(ZMQSocketError) -> Int64 {
        try withCore { core throws(ZMQSocketError) in try core.get(option: option) }
    }

    /// The same for an option that is a text or bytes.
    ///
    /// - Returns: the size of the value, which is in `buffer` if it fits there.
    package func get(option: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(ZMQSocketError) -> Int {
        try withCore { core throws(ZMQSocketError) in try unsafe core.get(option: option, into: buffer) }
    }

    /// Replaces the options until the first bind or connect.
    package func set(_ options: ZMQSocketOptions) throws(ZMQSocketError) {
        try withCore { core throws(ZMQSocketError) in try core.replaceOptions(with: options) }
    }

    /// Has the messages that are received from now on know whatever libzmq knows of their senders.
    package func keepMetadata() throws(ZMQSocketError) {
        try withCore { core throws(ZMQSocketError) in core.keepsMetadata = true }
    }

    /// The descriptor that is readable while a message can be received.
    package func descriptor() throws(ZMQSocketError) -> Int32 {
        try withCore { core throws(ZMQSocketError) in try core.readinessDescriptor() }
    }

    /// The descriptor that is readable while a message can be sent.
    package func descriptorForSending() throws(ZMQSocketError) -> Int32 {
        try withCore { core throws(ZMQSocketError) in try core.roomDescriptor() }
    }
}
