// SPDX-License-Identifier: Apache-2.0

/// The part of a message that tells where in a trace it was sent: right before the payload.
///
/// A line `EXZ-CONTEXT/1`, then a line `KEY: VALUE` for each field that a propagator has made, as of W3C's Trace
/// Context: `traceparent`, `tracestate`, `baggage`. Lines end with LF. Who does not know of it finds the payload where
/// it always is, in the last part.
enum ContextFrame {
    static let firstLine = Array("EXZ-CONTEXT/1\n".utf8)
    /// Longer ones are somebody's mistake, or worse.
    static let largest = 16_384

    static func isOne(_ part: UnsafeRawBufferPointer) -> Bool {
        unsafe part.count <= largest && part.starts(with: firstLine)
    }

    /// - Returns: nil if the fields do not fit; those that would break their lines are left out.
    static func bytes(of fields: [String: String]) -> [UInt8]? {
        var bytes = firstLine
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) where isPlain(key) && isPlain(value) {
            guard !key.isEmpty, !key.utf8.contains(UInt8(ascii: ":")) else { continue }
            bytes += Array("\(key): \(value)\n".utf8)
        }
        return bytes.count <= largest ? bytes : nil
    }

    /// - Returns: nil for a part that is none. Lines that are no field are passed over.
    static func fields(of part: UnsafeRawBufferPointer) -> [String: String]? {
        guard unsafe isOne(part) else { return nil }
        var fields: [String: String] = [:]
        for line in unsafe Array(part[firstLine.count...]).split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { continue }
            let rest = line[line.index(after: colon)...]
            let value = rest[(rest.firstIndex { $0 != UInt8(ascii: " ") } ?? rest.endIndex)...]
            let key = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            fields[key] = String(decoding: value, as: UTF8.self)
        }
        return fields
    }

    private static func isPlain(_ text: String) -> Bool { !text.utf8.contains { $0 < 0x20 || $0 == 0x7F } }
}
