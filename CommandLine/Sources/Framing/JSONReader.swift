// SPDX-License-Identifier: Apache-2.0

public import Shell

/// Reads one value of JSON (RFC 8259), and nothing that is nearly one.
public struct JSONReader {
    /// Deeper than any message; what nests without an end is not to use up the stack.
    private static let deepest = 32

    private let text: ArraySlice<UInt8>
    private var place: Int
    private var depth = 0

    /// The value that is all of the text.
    ///
    /// - Throws: what is wrong with it, and where.
    public static func read(_ text: ArraySlice<UInt8>) throws(FormError) -> JSONText {
        var reader = JSONReader(text)
        let value = try reader.value()
        reader.skipBlanks()
        guard reader.place == text.endIndex else { throw reader.error("something follows the value") }
        return value
    }

    private init(_ text: ArraySlice<UInt8>) {
        self.text = text
        place = text.startIndex
    }

    private func error(_ what: String) -> FormError {
        FormError("not JSON: \(what) at byte \(place - text.startIndex + 1)")
    }

    private var next: UInt8? { place < text.endIndex ? text[place] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 { place += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func take(word: StaticString) -> Bool {
        let bytes = Array(String(describing: word).utf8)
        guard text[place...].starts(with: bytes) else { return false }
        place += bytes.count
        return true
    }

    private mutating func value() throws(FormError) -> JSONText {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw error("nested too deeply") }
        skipBlanks()
        guard let byte = next else { throw error("it ends where a value should be") }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t") where take(word: "true"): return .bool(true)
        case UInt8(ascii: "f") where take(word: "false"): return .bool(false)
        case UInt8(ascii: "n") where take(word: "null"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("no value")
        }
    }

    private mutating func object() throws(FormError) -> JSONText {
        place += 1
        var members: [(name: String, value: JSONText)] = []
        // Not looked for among the members: others may have made very many of them.
        var names: Set<String> = []
        skipBlanks()
        if take("}") { return .object(members) }
        repeat {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw error("no name in quotes") }
            let name = try string()
            guard names.insert(name).inserted else { throw error("\"\(name)\" for the second time") }
            skipBlanks()
            guard take(":") else { throw error("no colon") }
            members.append((name: name, value: try value()))
            skipBlanks()
        } while take(",")
        guard take("}") else { throw error("neither a comma nor a closing brace") }
        return .object(members)
    }

    private mutating func array() throws(FormError) -> JSONText {
        place += 1
        var values: [JSONText] = []
        skipBlanks()
        if take("]") { return .array(values) }
        repeat {
            values.append(try value())
            skipBlanks()
        } while take(",")
        guard take("]") else { throw error("neither a comma nor a closing bracket") }
        return .array(values)
    }

    private mutating func number() throws(FormError) -> JSONText {
        let start = place
        while let byte = next, JSONReader.isOfNumber(byte) { place += 1 }
        let digits = String(decoding: text[start..<place], as: UTF8.self)
        if let integer = Int64(digits) { return .integer(integer) }
        guard let number = Double(digits), number.isFinite else { throw error("no number") }
        return .number(number)
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || [43, 45, 46, 69, 101].contains(byte)
    }

    private mutating func string() throws(FormError) -> String {
        place += 1
        var bytes: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: bytes, as: UTF8.self) else { throw error("no UTF-8 in the text") }
                return string
            case UInt8(ascii: "\\"): try bytes.append(contentsOf: String(escaped()).utf8)
            case 0..<32: throw error("a control character in a text")
            default: bytes.append(byte)
            }
        }
        throw error("a text without its end")
    }

    private mutating func escaped() throws(FormError) -> Character {
        guard let byte = next else { throw error("a text without its end") }
        place += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return Character(try codePoint())
        default: throw error("an escape that there is none")
        }
    }

    private mutating func codePoint() throws(FormError) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // The first half of a pair, which the second has to follow.
        guard first & 0xFC00 == 0xD800, take("\\"), take("u") else { throw error("half of a pair") }
        let second = try codeUnit()
        let both = 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
        guard second & 0xFC00 == 0xDC00, let scalar = Unicode.Scalar(both) else { throw error("half of a pair") }
        return scalar
    }

    private mutating func codeUnit() throws(FormError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Hex.digit(byte) else { throw error("no four digits after \\u") }
            place += 1
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
