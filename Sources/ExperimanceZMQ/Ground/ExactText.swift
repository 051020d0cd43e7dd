// SPDX-License-Identifier: Apache-2.0

/// A name that is compared byte by byte, as libzmq and the system compare it.
///
/// To Swift, texts with the same characters are equal: an é, and an e with an accent behind it. As endpoints these are two
/// names, and whoever connects to one must not be told of the other.
struct ExactText: Hashable, Sendable {
    let string: String

    init(_ string: String) {
        self.string = string
    }

    static func == (left: Self, right: Self) -> Bool {
        left.string.utf8.elementsEqual(right.string.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in string.utf8 { hasher.combine(byte) }
        // No byte of a text is that.
        hasher.combine(UInt8.max)
    }
}

extension ExactText: ExpressibleByStringLiteral {
    init(stringLiteral value: String) {
        self.init(value)
    }
}

extension ExactText: CustomStringConvertible {
    var description: String { string }
}
