// SPDX-License-Identifier: Apache-2.0

import Shell

/// Writes messages, each of its parts, as they stand in a stream of bytes.
public struct MessageWriter: Sendable {
    private let form: Form
    private let parts: Int?
    private let hasTopics: Bool

    /// - Parameters:
    ///   - form: how the messages stand in the stream.
    ///   - parts: what each has to have, to be written as so many frames; nil: whatever it has. Then a line has all of
    ///     them, parted by tabs, and of `nul` and `length` each is a frame. JSON always says what it has.
    ///   - hasTopics: whether the first of several parts is a topic.
    public init(_ form: Form, parts: Int? = nil, hasTopics: Bool = false) {
        self.form = form
        self.parts = parts
        self.hasTopics = hasTopics
    }

    /// Adds a message to what is to be written.
    ///
    /// - Throws: where it has another number of parts than it has to have.
    public func write(_ message: [[UInt8]], to bytes: inout [UInt8]) throws(FormError) {
        if form == .json {
            bytes += JSONMessage.write(message, hasTopic: hasTopics).utf8
            bytes.append(UInt8(ascii: "\n"))
            return
        }
        if let parts, message.count != parts {
            let had = message.count == 1 ? "1 part" : "\(message.count) parts"
            throw FormError("a message of \(had) has come, and --parts says \(parts): --output json has any number")
        }
        for (index, part) in message.enumerated() {
            let end: UInt8 = parts == nil && index < message.count - 1 ? UInt8(ascii: "\t") : UInt8(ascii: "\n")
            switch form {
            case .lines:
                bytes += part
                bytes.append(end)
            case .hex:
                Hex.write(part, to: &bytes)
                bytes.append(end)
            case .nul:
                bytes += part
                bytes.append(0)
            case .length:
                guard let count = UInt32(exactly: part.count) else {
                    throw FormError("a part of \(part.count) bytes has come: four bytes can not say so many")
                }
                bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
                bytes += part
            case .raw, .json: bytes += part
            }
        }
    }
}
