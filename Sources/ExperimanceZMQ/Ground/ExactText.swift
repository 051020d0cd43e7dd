// SPDX-License-Identifier: Apache-2.0

/// A name that is compared byte by byte, as libzmq and the system compare it.
///
/// To Swift, texts with the same characters are equal: an é, and an e with an accent behind it. As endpoints these are
/// two names, and whoever connects to one must not be told of the other.
package struct ExactText: Hashable, Sendable {
    package let string: String

    package init(_ string: String) {
        self.string = string
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.string.utf8.elementsEqual(right.string.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in string.utf8 { hasher.combine(byte) }
        // No byte of a text is that.
        hasher.combine(UInt8.max)
    }
}

extension ExactText: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) {
        self.init(value)
    }
}

extension ExactText: CustomStringConvertible {
    package var description: String { string }
}
