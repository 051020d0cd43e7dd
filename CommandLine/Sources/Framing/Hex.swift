// SPDX-License-Identifier: Apache-2.0

/// Bytes as hexadecimal digits.
enum Hex {
    /// Blanks between the digits are left out.
    static func read(_ text: some Sequence<UInt8>) throws(FormError) -> [UInt8] {
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text where !isBlank(character) {
            guard let digit = digit(character) else {
                let shown = String(decoding: [character], as: UTF8.self)
                throw FormError("\"\(shown)\" is no hexadecimal digit")
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        guard high == nil else { throw FormError("an odd number of hexadecimal digits") }
        return bytes
    }

    static func write(_ bytes: some Sequence<UInt8>, to text: inout [UInt8]) {
        for byte in bytes {
            text.append(character(byte >> 4))
            text.append(character(byte & 15))
        }
    }

    private static func character(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }

    static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func isBlank(_ character: UInt8) -> Bool { character == 32 || character == 9 || character == 13 }
}
