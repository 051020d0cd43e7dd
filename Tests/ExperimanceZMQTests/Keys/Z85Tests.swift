// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite struct Z85Tests {
    private func encoded(_ bytes: [UInt8]) -> String? {
        guard let count = Z85.textCount(forBytes: bytes.count) else { return nil }
        var text = [UInt8](repeating: 0, count: count)
        let isDone = bytes.withUnsafeBytes { bytes in text.withUnsafeMutableBytes { Z85.encode(bytes, into: $0) } }
        return isDone ? String(decoding: text, as: UTF8.self) : nil
    }

    private func decoded(_ text: String) -> [UInt8]? {
        let text = Array(text.utf8)
        guard let count = Z85.byteCount(forText: text.count) else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        let isDone = text.withUnsafeBytes { text in bytes.withUnsafeMutableBytes { Z85.decode(text, into: $0) } }
        #expect(text.withUnsafeBytes { Z85.isText($0) } == isDone)
        return isDone ? bytes : nil
    }

    @Test("The standard's example, and the ends of the range")
    func examples() {
        #expect(encoded([0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]) == "HelloWorld")
        #expect(decoded("HelloWorld") == [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B])
        #expect(encoded([0, 0, 0, 0]) == "00000")
        #expect(encoded([255, 255, 255, 255]) == "%nSc0")
        #expect(decoded("%nSc0") == [255, 255, 255, 255])
        #expect(decoded("%nSc1") == nil)
        #expect(decoded("#####") == nil)
        #expect(encoded([]) == "")
        #expect(decoded("") == [])
    }

    @Test("Whatever is encoded comes back, and no character but the 85 is one")
    func roundTrips() {
        var random = SplitMix64(seed: 85)
        var seen: Set<UInt8> = []
        for round in 0..<2_000 {
            let bytes = (0..<4 * (round % 16)).map { _ in UInt8.random(in: 0...255, using: &random) }
            guard let text = encoded(bytes) else {
                Issue.record("\(bytes) have no text")
                return
            }
            seen.formUnion(text.utf8)
            #expect(decoded(text) == bytes)
        }
        #expect(seen.count == 85)
        for byte in UInt8.min...0x7F where !seen.contains(byte) {
            #expect(decoded("0000" + String(UnicodeScalar(byte))) == nil)
        }
    }

    @Test("Sizes that are no text, or too large to be one, have none")
    func sizes() {
        for count in [-4, -1, 1, 2, 3, 5, Int.max, Int.max - 3] { #expect(Z85.textCount(forBytes: count) == nil) }
        for count in [-5, -1, 1, 4, 6, Int.max] { #expect(Z85.byteCount(forText: count) == nil) }
        #expect(Z85.textCount(forBytes: 32) == 40)
        #expect(Z85.byteCount(forText: 40) == 32)
    }

    @Test("In public it is the same, and says what is wrong")
    func inPublic() throws {
        #expect(try ZMQZ85.encode([0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]) == "HelloWorld")
        #expect(try ZMQZ85.decode("HelloWorld") == [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B])
        #expect(try ZMQZ85.encode([]) == "")
        #expect(try ZMQZ85.decode("") == [])
        let key = try ZMQCurveKeyPair().publicKey
        #expect(try ZMQZ85.encode(key.bytes) == key.text)
        #expect(try ZMQZ85.decode(key.text) == key.bytes)
        let long = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(try ZMQZ85.decode(try ZMQZ85.encode(long[...])) == long)
        for size in [1, 2, 3, 5, 31] {
            let error = failure { _ = try ZMQZ85.encode([UInt8](repeating: 7, count: size)) }.error
            #expect(error?.code == .invalid && error?.message.contains("\(size) bytes") == true)
        }
        for text in ["a", "%nSc1", "Hel\u{E9}", "Hello\0Worl", "HelloWorl"] {
            #expect(failure { _ = try ZMQZ85.decode(text) }.error?.code == .invalid)
        }
    }
}
