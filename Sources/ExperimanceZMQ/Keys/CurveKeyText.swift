// SPDX-License-Identifier: Apache-2.0

/// A key, public or secret, as people pass it on: 40 characters of Z85.
enum CurveKeyText {
    static var length: Int { 40 }
    /// Its bytes.
    static var size: Int { 32 }

    /// Reads a key into 32 bytes.
    ///
    /// - Parameter name: what the error calls it.
    /// - Throws: `invalid`, which shows nothing of the text.
    static func decode(
        _ text: UnsafeRawBufferPointer,
        into bytes: UnsafeMutableRawBufferPointer,
        named name: String
    ) throws(ZMQSocketError) {
        func refusal(_ reason: String) -> ZMQSocketError { ZMQSocketError(.invalid, message: "\(name) \(reason)") }
        guard text.count == length else {
            throw refusal("is no key: that is \(length) characters of Z85, and this has \(text.count)")
        }
        guard unsafe Z85.decode(text, into: bytes) else { throw refusal("is no key: it is not Z85 (RFC 32)") }
        try unsafe checkMeaning(of: UnsafeRawBufferPointer(bytes), named: name)
    }

    /// All zeros are what czmq writes where it has no key, and as a public key libsodium refuses them.
    static func checkMeaning(of bytes: UnsafeRawBufferPointer, named name: String) throws(ZMQSocketError) {
        guard unsafe !bytes.allSatisfy({ $0 == 0 }) else {
            throw ZMQSocketError(.invalid, message: "\(name) is no key: it is all zeros, which stands for none")
        }
    }
}
