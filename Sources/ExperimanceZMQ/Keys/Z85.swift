// SPDX-License-Identifier: Apache-2.0

/// Bytes as text, five characters for every four of them (RFC 32).
///
/// libzmq has this, too. But its own takes only C strings and trusts the caller with the room.
package enum Z85 {
    private static let byteGroup = 4
    private static let characterGroup = 5
    private static let base: UInt32 = 85
    /// From the digit 62 on.
    private static var lastDigits: StaticString { ".-:+=^!/*?&<>()[]{}@%$#" }

    /// The characters for so many bytes; nil for a number of bytes that has no text.
    package static func textCount(forBytes count: Int) -> Int? {
        guard count >= 0, count % byteGroup == 0 else { return nil }
        let (product, overflows) = (count / byteGroup).multipliedReportingOverflow(by: characterGroup)
        return overflows ? nil : product
    }

    /// The bytes in so many characters; nil for a number of characters that is no text.
    package static func byteCount(forText count: Int) -> Int? {
        guard count >= 0, count % characterGroup == 0 else { return nil }
        return count / characterGroup * byteGroup
    }

    /// - Returns: whether the room is that of the text, else nothing is done.
    package static func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) -> Bool {
        guard textCount(forBytes: bytes.count) == text.count else { return false }
        for group in 0..<bytes.count / byteGroup {
            var value: UInt32 = 0
            for index in 0..<byteGroup { value = unsafe value << 8 | UInt32(bytes[group * byteGroup + index]) }
            for index in (0..<characterGroup).reversed() {
                unsafe text[group * characterGroup + index] = character(of: UInt8(value % base))
                value /= base
            }
        }
        return true
    }

    /// - Returns: whether it is a text, and the room that of its bytes. If not, what is written there is of no use.
    package static func decode(_ text: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        guard byteCount(forText: text.count) == bytes.count else { return false }
        for group in 0..<text.count / characterGroup {
            guard let value = unsafe value(of: text, at: group) else { return false }
            for index in 0..<byteGroup {
                let shift = 8 * (byteGroup - 1 - index)
                unsafe bytes[group * byteGroup + index] = UInt8(truncatingIfNeeded: value >> shift)
            }
        }
        return true
    }

    package static func isText(_ text: UnsafeRawBufferPointer) -> Bool {
        guard byteCount(forText: text.count) != nil else { return false }
        return (0..<text.count / characterGroup).allSatisfy { unsafe value(of: text, at: $0) != nil }
    }

    /// What five characters stand for; nil for what is none of them, and for the few that say more than four bytes can.
    private static func value(of text: UnsafeRawBufferPointer, at group: Int) -> UInt32? {
        var value: UInt64 = 0
        for index in 0..<characterGroup {
            guard let digit = unsafe digit(of: text[group * characterGroup + index]) else { return nil }
            value = value * UInt64(base) + UInt64(digit)
        }
        return UInt32(exactly: value)
    }

    private static func character(of digit: UInt8) -> UInt8 {
        switch digit {
        case 0..<10: return UInt8(ascii: "0") + digit
        case 10..<36: return UInt8(ascii: "a") + digit - 10
        case 36..<62: return UInt8(ascii: "A") + digit - 36
        default: return unsafe lastDigits.utf8Start[Int(digit) - 62]
        }
    }

    private static func digit(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return character - UInt8(ascii: "A") + 36
        default:
            for index in 0..<lastDigits.utf8CodeUnitCount where unsafe lastDigits.utf8Start[index] == character {
                return UInt8(62 + index)
            }
            return nil
        }
    }
}
