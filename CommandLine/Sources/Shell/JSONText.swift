// SPDX-License-Identifier: Apache-2.0

/// A value as JSON (RFC 8259), in one line.
public enum JSONText: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case array([JSONText])
    /// In the order that it is written in.
    case object([(name: String, value: JSONText)])

    /// Whether both are written alike.
    public static func == (left: JSONText, right: JSONText) -> Bool { left.written == right.written }

    /// The text.
    public var written: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        // What is no number has no form in JSON.
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .text(let value): Self.quote(value, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.quote(member.name, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func quote(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // More than JSON asks for: it may be shown in a terminal.
            case _ where scalar.isUnseenControl: text += "\\" + scalar.fourDigits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
