// SPDX-License-Identifier: Apache-2.0

import Shell

/// A message as a line of JSON: `{"topic": "weather", "parts": ["clear"]}`. A part is a text, or `{"hex": "00ff"}`
/// where its bytes are no UTF-8.
enum JSONMessage {
    static func read(_ line: ArraySlice<UInt8>) throws(FormError) -> [[UInt8]] {
        guard case .object(let members) = try JSONReader.read(line) else {
            throw FormError("not an object such as {\"parts\": [\"text\"]}")
        }
        var topic: [[UInt8]] = []
        var parts: [[UInt8]]?
        for (name, value) in members {
            switch name {
            case "topic": topic = [try part(value, named: "topic")]
            case "parts":
                guard case .array(let values) = value else { throw FormError("\"parts\" has to be an array") }
                var read: [[UInt8]] = []
                for value in values { read.append(try part(value, named: "a part")) }
                parts = read
            default: throw FormError("\"\(name)\" is neither \"topic\" nor \"parts\"")
            }
        }
        guard let parts, !parts.isEmpty else { throw FormError("there has to be \"parts\", with one part at least") }
        return topic + parts
    }

    private static func part(_ value: JSONText, named name: String) throws(FormError) -> [UInt8] {
        switch value {
        case .text(let text): return Array(text.utf8)
        case .object(let members):
            guard members.count == 1, members[0].name == "hex", case .text(let digits) = members[0].value else { break }
            return try Hex.read(digits.utf8)
        default: break
        }
        throw FormError("\(name) has to be a text, or {\"hex\": \"…\"}")
    }

    static func write(_ message: [[UInt8]], hasTopic: Bool) -> String {
        var members: [(name: String, value: JSONText)] = []
        var parts = message[...]
        if hasTopic, parts.count > 1, let topic = parts.popFirst() { members.append((name: "topic", value(topic))) }
        members.append((name: "parts", .array(parts.map(value))))
        return JSONText.object(members).written
    }

    private static func value(_ part: [UInt8]) -> JSONText {
        if let text = String(validating: part, as: UTF8.self) { return .text(text) }
        var digits: [UInt8] = []
        Hex.write(part, to: &digits)
        return .object([(name: "hex", .text(String(decoding: digits, as: UTF8.self)))])
    }
}
