// SPDX-License-Identifier: Apache-2.0

extension Unicode.Scalar {
    /// Whether it is one that is not seen and does something: a control character, of which some move a terminal's
    /// cursor, one that ends a line, or one that turns the direction of a text around.
    public var isUnseenControl: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Four hexadecimal digits behind a u, for one that has no more.
    public var fourDigits: String {
        let digits = String(value, radix: 16)
        return "u" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}
