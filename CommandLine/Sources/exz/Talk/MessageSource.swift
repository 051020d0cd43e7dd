// SPDX-License-Identifier: Apache-2.0

import Framing
import Shell

/// The messages to send, one after the other: from the arguments, or from standard input, which is read no further than
/// they are taken.
struct MessageSource: Sendable {
    private let given: [[[UInt8]]]
    private var index = 0
    private let repeats: Bool
    private var reader: MessageReader
    private let input: Input?
    private var isFinished = false
    private var ahead: [[UInt8]]?

    /// - Parameters:
    ///   - source: the arguments.
    ///   - forms: how messages stand in what is read.
    ///   - limit: the largest part, in bytes.
    ///   - repeats: whether the arguments begin again after the last.
    /// - Throws: `usage` for an argument that is no message; `failed` without a standard input to read.
    init(_ source: SourceOptions, _ forms: FormOptions, limit: Int, repeats: Bool) throws {
        self.repeats = repeats
        reader = MessageReader(forms.ofInput, parts: forms.parts ?? 1, limit: limit)
        given = try Self.messages(source.messages, forms, limit: limit)
        input = given.isEmpty ? try Input() : nil
    }

    private static func messages(_ arguments: [String], _ forms: FormOptions, limit: Int) throws -> [[[UInt8]]] {
        // An argument has its own end. Only digits and JSON are read as they are in a line.
        let isText = forms.ofInput != .hex && forms.ofInput != .json
        var reader = MessageReader(isText ? .length : forms.ofInput, parts: forms.parts ?? 1, limit: limit)
        var messages: [[[UInt8]]] = []
        do throws(FormError) {
            for argument in arguments {
                let bytes = Array(argument.utf8)
                if isText {
                    let count = UInt32(clamping: bytes.count)
                    reader.feed([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + bytes)
                } else {
                    reader.feed(bytes + [UInt8(ascii: "\n")])
                }
                while let message = try reader.next() { messages.append(message) }
            }
            reader.finish()
            while let message = try reader.next() { messages.append(message) }
        } catch {
            throw Failure(.usage, "the arguments are no messages: \(error.message)")
        }
        return messages
    }

    /// The next message; nil after the last. Waits for standard input.
    ///
    /// - Throws: `failed` for what is no message, and for what can not be read.
    mutating func next() throws(Failure) -> [[UInt8]]? {
        if let message = ahead.take() { return message }
        guard let input else { return nextGiven() }
        while true {
            if let message = try nextRead() { return message }
            guard !isFinished else { return nil }
            try readMore(from: input)
        }
    }

    /// Whether it is known that there is no other message. It is not waited for, but read ahead if it is there.
    mutating func hasEnded() throws(Failure) -> Bool {
        guard let input else { return given.isEmpty || !repeats && index == given.count }
        if ahead == nil { ahead = try nextRead() }
        while ahead == nil, !isFinished, input.isReady {
            try readMore(from: input)
            ahead = try nextRead()
        }
        return ahead == nil && isFinished
    }

    private mutating func nextGiven() -> [[UInt8]]? {
        if index == given.count, repeats { index = 0 }
        guard index < given.count else { return nil }
        defer { index += 1 }
        return given[index]
    }

    private mutating func nextRead() throws(Failure) -> [[UInt8]]? {
        do throws(FormError) {
            return try reader.next()
        } catch {
            throw Failure(.failed, error.message)
        }
    }

    private mutating func readMore(from input: Input) throws(Failure) {
        if let bytes = try input.read() {
            reader.feed(bytes)
        } else {
            reader.finish()
            isFinished = true
        }
    }
}
