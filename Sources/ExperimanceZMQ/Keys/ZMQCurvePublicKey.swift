// SPDX-License-Identifier: Apache-2.0

/// The public half of a CURVE key pair: by it the others know who somebody is.
public struct ZMQCurvePublicKey: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    /// The key of that text, 40 characters of Z85.
    ///
    /// - Throws: `invalid` for what is no key.
    public init(_ text: String) throws(ZMQSocketError) {
        var text = text
        self = try text.withContiguousBytes { (bytes) throws(ZMQSocketError) in
            try unsafe Self(text: bytes, named: "public_key")
        }
    }

    /// The key of these 32 bytes.
    ///
    /// - Throws: `invalid` for another number of bytes, and for zeros.
    public init(bytes: some Collection<UInt8>) throws(ZMQSocketError) {
        guard bytes.count == CurveKeyText.size else {
            let numbers = "\(bytes.count) bytes, a key has \(CurveKeyText.size)"
            throw ZMQSocketError(.invalid, message: "public_key has \(numbers)")
        }
        try self.init { (room) throws(ZMQSocketError) in
            unsafe room.copyBytes(from: bytes)
            try unsafe CurveKeyText.checkMeaning(of: UnsafeRawBufferPointer(room), named: "public_key")
        }
    }

    /// - Parameter name: what the error calls it.
    package init(text: UnsafeRawBufferPointer, named name: String) throws(ZMQSocketError) {
        try self.init { (bytes) throws(ZMQSocketError) in
            try unsafe CurveKeyText.decode(text, into: bytes, named: name)
        }
    }

    /// - Parameter write: writes its 32 bytes.
    @safe
    init(_ write: (UnsafeMutableRawBufferPointer) throws(ZMQSocketError) -> Void) throws(ZMQSocketError) {
        var words = SIMD4<UInt64>()
        try unsafe withUnsafeMutableBytes(of: &words) { (bytes) throws(ZMQSocketError) in try unsafe write(bytes) }
        self.words = words
    }

    /// The key as text, 40 characters of Z85.
    public var text: String {
        unsafe String(unsafeUninitializedCapacity: CurveKeyText.length) { room in
            withBytes { bytes in
                unsafe Z85.encode(bytes, into: UnsafeMutableRawBufferPointer(room)) ? room.count : 0
            }
        }
    }

    /// The 32 bytes of the key.
    public var bytes: [UInt8] { withBytes { unsafe Array($0) } }

    /// - Parameter body: must not keep the bytes.
    @safe
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withUnsafeBytes(of: words, body)
    }
}

extension ZMQCurvePublicKey: CustomStringConvertible {
    /// The key as text.
    public var description: String { text }
}
