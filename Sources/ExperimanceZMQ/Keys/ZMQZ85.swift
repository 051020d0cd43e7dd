// SPDX-License-Identifier: Apache-2.0

/// Bytes as text in Z85 (RFC 32), five characters for every four bytes: what keys are written in.
public enum ZMQZ85 {
    /// Writes bytes as text.
    ///
    /// - Parameter bytes: a multiple of four of them. Of a secret the text is a copy that nobody wipes.
    /// - Throws: `invalid` for another number of bytes; `noMemory`.
    public static func encode(_ bytes: some Collection<UInt8>) throws(ZMQSocketError) -> String {
        let size = bytes.count
        guard let count = Z85.textCount(forBytes: size) else {
            throw ZMQSocketError(.invalid, message: "there are \(size) bytes, which is no multiple of 4")
        }
        guard Memory.isThere(size), Memory.isThere(count) else { throw ZMQSocketError(.noMemory) }
        let bytes = Array(bytes)
        return unsafe String(unsafeUninitializedCapacity: count) { room in
            let text = unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(room)[..<count])
            return unsafe bytes.withUnsafeBytes { unsafe Z85.encode($0, into: text) } ? count : 0
        }
    }

    /// Reads bytes from text.
    ///
    /// - Parameter text: a multiple of five characters. Of a secret the bytes are a copy that nobody wipes.
    /// - Throws: `invalid` for what is not Z85; `noMemory`.
    public static func decode(_ text: String) throws(ZMQSocketError) -> [UInt8] {
        var text = text
        return try text.withContiguousBytes { (characters) throws(ZMQSocketError) in
            guard let count = Z85.byteCount(forText: characters.count), unsafe Z85.isText(characters) else {
                throw ZMQSocketError(.invalid, message: "the text is not Z85 (RFC 32)")
            }
            guard Memory.isThere(count) else { throw ZMQSocketError(.noMemory) }
            return unsafe [UInt8](unsafeUninitializedCapacity: count) { room, filled in
                let room = UnsafeMutableRawBufferPointer(room)
                let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: room[..<count])
                filled = unsafe Z85.decode(characters, into: bytes) ? count : 0
            }
        }
    }
}
