// SPDX-License-Identifier: Apache-2.0

/// JSON (RFC 8259) as it is being written, in one line.
struct JSONBytes {
    private(set) var bytes: [UInt8] = []
    /// Something stands before, in the present object or array.
    private var needsComma = false

    init(reserving count: Int = 0) { bytes.reserveCapacity(count) }

    /// Bytes of a text that are written at most: what others have chosen is not to fill the document.
    private static let longestText = 1_024

    mutating func object(_ body: (inout JSONBytes) -> Void) { nested("{", "}", body) }

    mutating func array(_ body: (inout JSONBytes) -> Void) { nested("[", "]", body) }

    private mutating func nested(
        _ opening: Unicode.Scalar,
        _ closing: Unicode.Scalar,
        _ body: (inout JSONBytes) -> Void
    ) {
        separate()
        bytes.append(UInt8(ascii: opening))
        needsComma = false
        body(&self)
        bytes.append(UInt8(ascii: closing))
        needsComma = true
    }

    /// The name of a member, whose value comes next.
    mutating func name(_ name: StaticString) {
        separate()
        quote(String(describing: name))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func member(_ name: StaticString, _ value: String) {
        self.name(name)
        text(value)
    }

    mutating func member(_ name: StaticString, _ value: some BinaryInteger) {
        self.name(name)
        word(String(value))
    }

    /// Seconds with three digits behind the point.
    mutating func member(_ name: StaticString, seconds nanoseconds: Int64) {
        self.name(name)
        let milliseconds = max(0, nanoseconds) / nanosecondsPerMillisecond
        let rest = String(milliseconds % 1_000)
        word("\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.utf8.count) + rest)
    }

    mutating func text(_ value: String) {
        separate()
        quote(value)
        needsComma = true
    }

    mutating func null(_ name: StaticString) {
        self.name(name)
        word("null")
    }

    private mutating func word(_ word: String) {
        separate()
        bytes.append(contentsOf: word.utf8)
        needsComma = true
    }

    private mutating func separate() { if needsComma { bytes.append(UInt8(ascii: ",")) } }

    private mutating func quote(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        let start = bytes.count
        for scalar in value.unicodeScalars {
            guard bytes.count - start < Self.longestText else {
                bytes.append(contentsOf: "…".utf8)
                break
            }
            switch scalar {
            case "\"", "\\": bytes += [UInt8(ascii: "\\"), UInt8(ascii: scalar)]
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                bytes.append(contentsOf: "\\u00\(digits.utf8.count < 2 ? "0" : "")\(digits)".utf8)
            default: bytes.append(contentsOf: String(scalar).utf8)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
