// SPDX-License-Identifier: Apache-2.0

/// A message: one part or several, each of bytes.
///
/// What is received is a slice of the batch it came with: nothing is copied when it is handed over, kept or passed to
/// another task, and the memory of a batch goes when the last of its messages does. So a message that is kept for long
/// is better kept as an array.
///
/// What a message says is its last part, the *payload*: the only one in most patterns. In front of it stand the topic
/// in what is published (``topic``) and the address in what a ROUTER receives (``parts``). As a sequence of bytes a
/// message is its payload.
///
/// ```swift
/// for try await message in puller.messages {
///     let bytes = Array(message)              // a copy
///     let first = message.bytes.byteCount     // no copy
/// }
/// ```
public struct ZMQMessage: Sendable {
    @usableFromInline let batch: MessageBatch
    @usableFromInline let index: Int

    @inlinable
    init(_ batch: MessageBatch, _ index: Int) {
        self.batch = batch
        self.index = index
    }

    init(_ message: BatchedMessage) {
        self.init(message.batch, message.index)
    }

    /// A message of one part, such as a test needs it.
    ///
    /// - Throws: `noMemory`.
    public init(_ payload: some Sequence<UInt8>) throws(ZMQSocketError) {
        try self.init(parts: [Array(payload)])
    }

    /// A message of several parts.
    ///
    /// - Throws: `invalid` without parts, `noMemory`.
    public init(parts: [[UInt8]]) throws(ZMQSocketError) {
        guard !parts.isEmpty else { throw ZMQSocketError(.invalid, message: "a message has at least one part") }
        guard let message = ReceivedMessage(copying: parts), let builder = BatchBuilder(limit: 1, room: 0) else {
            throw ZMQSocketError(.noMemory)
        }
        unsafe builder.hold(message)
        guard let batch = builder.takeBatch() else { throw ZMQSocketError(.noMemory) }
        self.init(batch, 0)
    }

    // MARK: Payload

    /// Bytes of the payload.
    @inlinable public var count: Int { unsafe last.count }

    /// Whether the payload has no byte.
    @inlinable public var isEmpty: Bool { unsafe last.isEmpty }

    /// The payload, in place.
    public var bytes: RawSpan {
        @inlinable
        @_lifetime(borrow self)
        get {
            let span = unsafe RawSpan(_unsafeBytes: last)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The payload as text; bytes that are no UTF-8 are replaced.
    public var text: String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }

    /// Calls a function with the payload, in place; the pointer is good until it returns.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(batch) {} }
        return try unsafe body(last)
    }

    // MARK: Parts

    /// The number of parts, at least 1.
    public var partCount: Int { batch.partCount(of: index) }

    /// Bytes of all parts.
    public var totalSize: Int { batch.totalSize(of: index) }

    /// A part, in place; nil if there is none of that number.
    @_lifetime(borrow self)
    public func part(_ number: Int) -> RawSpan? {
        guard let part = unsafe batch.part(number, of: index) else { return nil }
        let span = unsafe RawSpan(_unsafeBytes: part)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// All parts, copied.
    public var parts: [[UInt8]] {
        defer { withExtendedLifetime(batch) {} }
        return (0..<partCount).map { number in unsafe batch.part(number, of: index).map { unsafe Array($0) } ?? [] }
    }

    /// The topic of a published message, as text: the part before the payload, and before the context of a trace if it
    /// has one. Nil without one. Bytes that are no UTF-8 are replaced.
    public var topic: String? {
        defer { withExtendedLifetime(batch) {} }
        guard partCount > 1, let topic = unsafe batch.part(partCount - 2, of: index) else { return nil }
        guard unsafe ContextFrame.isOne(topic) else { return unsafe String(decoding: topic, as: UTF8.self) }
        guard partCount > 2, let topic = unsafe batch.part(partCount - 3, of: index) else { return nil }
        return unsafe String(decoding: topic, as: UTF8.self)
    }

    /// What a trace's context has to say, if the message was sent with one.
    var contextFields: [String: String]? {
        defer { withExtendedLifetime(batch) {} }
        guard partCount > 1, let frame = unsafe batch.part(partCount - 2, of: index) else { return nil }
        return unsafe ContextFrame.fields(of: frame)
    }

    @inlinable var last: UnsafeRawBufferPointer { unsafe batch.payload(of: index) }
}

extension ZMQMessage: Sequence {
    /// The bytes of the payload, one after the other.
    public struct Iterator: IteratorProtocol {
        @usableFromInline let message: ZMQMessage
        @usableFromInline var place = 0

        @inlinable
        init(_ message: ZMQMessage) {
            self.message = message
        }

        /// The next byte; nil after the last.
        @inlinable
        public mutating func next() -> UInt8? {
            let payload = unsafe message.last
            guard place < payload.count else { return nil }
            defer { place += 1 }
            return unsafe payload[place]
        }
    }

    /// The bytes of the payload.
    @inlinable
    public func makeIterator() -> Iterator { Iterator(self) }

    /// Bytes of the payload.
    @inlinable public var underestimatedCount: Int { count }

    /// Calls a function with the payload, in place.
    @inlinable
    public func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result? {
        defer { withExtendedLifetime(batch) {} }
        return try unsafe last.withMemoryRebound(to: UInt8.self, body)
    }
}

extension ZMQMessage: Hashable {
    /// Whether both have the same parts.
    public static func == (left: ZMQMessage, right: ZMQMessage) -> Bool {
        guard left.partCount == right.partCount else { return false }
        defer { withExtendedLifetime((left.batch, right.batch)) {} }
        return (0..<left.partCount).allSatisfy { number in
            guard let one = unsafe left.batch.part(number, of: left.index),
                let other = unsafe right.batch.part(number, of: right.index)
            else { return false }
            return unsafe one.elementsEqual(other)
        }
    }

    /// Hashes all parts.
    public func hash(into hasher: inout Hasher) {
        defer { withExtendedLifetime(batch) {} }
        for number in 0..<partCount {
            if let part = unsafe batch.part(number, of: index) {
                hasher.combine(part.count)
                unsafe hasher.combine(bytes: part)
            }
        }
    }
}

extension ZMQMessage: CustomStringConvertible {
    /// The number of parts and bytes; not the content, which may be long or nobody's business.
    public var description: String {
        "ZMQMessage(\(partCount) part\(partCount == 1 ? "" : "s"), \(totalSize) bytes)"
    }
}

extension [UInt8] {
    /// A copy of a message's payload.
    @inlinable
    public init(_ message: ZMQMessage) {
        self = unsafe message.withUnsafeBytes { bytes in
            unsafe Self(unsafeUninitializedCapacity: bytes.count) { buffer, count in
                unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                count = bytes.count
            }
        }
    }
}
