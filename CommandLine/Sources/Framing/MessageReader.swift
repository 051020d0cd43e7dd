// SPDX-License-Identifier: Apache-2.0

/// Reads messages, each of its parts, from a stream of bytes: a value, which is fed and asked in turn.
public struct MessageReader: Sendable {
    private let form: Form
    private let parts: Int
    private var cutter: FrameCutter
    private var begun: [[UInt8]] = []

    /// - Parameters:
    ///   - form: how the messages stand in the stream.
    ///   - parts: so many frames make a message. JSON says it by itself.
    ///   - limit: the largest part, in bytes.
    public init(_ form: Form, parts: Int = 1, limit: Int) {
        self.form = form
        self.parts = form == .json ? 1 : max(1, parts)
        // What a byte takes at most: two digits, or `\u0000` in JSON.
        let (room, isTooLarge) = limit.multipliedReportingOverflow(by: form == .json ? 8 : form == .hex ? 3 : 1)
        cutter = FrameCutter(form, limit: isTooLarge ? Int.max : max(limit, form == .json ? max(room, 65_536) : room))
    }

    /// Takes what was read.
    public mutating func feed(_ bytes: [UInt8]) { cutter.feed(bytes) }

    /// Takes note that nothing follows.
    public mutating func finish() { cutter.finish() }

    /// The next message; nil if it is not there yet, or after the last.
    ///
    /// - Throws: what is wrong with the input, and where.
    public mutating func next() throws(FormError) -> [[UInt8]]? {
        while true {
            let name = cutter.name
            guard let frame = try cutter.next() else {
                guard cutter.isFinished, !begun.isEmpty else { return nil }
                throw FormError("the input ends after \(begun.count) of the \(parts) parts of a message")
            }
            do throws(FormError) {
                switch form {
                case .json:
                    // An empty line between messages is none.
                    if frame.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { continue }
                    return try JSONMessage.read(frame)
                case .hex: begun.append(try Hex.read(frame))
                case .lines, .nul, .length, .raw: begun.append(Array(frame))
                }
            } catch {
                throw FormError("\(name): \(error.message)")
            }
            if begun.count == parts {
                defer { begun = [] }
                return begun
            }
        }
    }
}
