// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Framing

@Suite("Messages written to a stream")
struct WritingTests {
    private static let message: [[UInt8]] = [Array("a\tb".utf8), [], [0, 255]]

    private func written(_ form: Form, parts: Int? = nil, hasTopics: Bool = false) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try MessageWriter(form, parts: parts, hasTopics: hasTopics).write(Self.message, to: &bytes)
        return bytes
    }

    @Test func forms() throws {
        #expect(try written(.lines) == Array("a\tb\t\t".utf8) + [0, 255, 10])
        #expect(try written(.hex) == Array("610962\t\t00ff\n".utf8))
        #expect(try written(.nul) == Array("a\tb".utf8) + [0, 0, 0, 255, 0])
        #expect(try written(.length) == [0, 0, 0, 3, 97, 9, 98, 0, 0, 0, 0, 0, 0, 0, 2, 0, 255])
        #expect(try written(.raw) == [97, 9, 98, 0, 255])
        #expect(try written(.json) == Array(#"{"parts":["a\tb","",{"hex":"00ff"}]}"#.utf8) + [10])
        #expect(
            try written(.json, hasTopics: true) == Array(#"{"topic":"a\tb","parts":["",{"hex":"00ff"}]}"#.utf8) + [10]
        )
    }

    @Test("with a number of parts each is a frame, and another number is a mistake")
    func parts() throws {
        #expect(try written(.hex, parts: 3) == Array("610962\n\n00ff\n".utf8))
        let error = #expect(throws: FormError.self) { try written(.lines, parts: 2) }
        #expect(error?.message == "a message of 3 parts has come, and --parts says 2: --output json has any number")
    }

    @Test("what is written is read again", arguments: [Form.lines, .nul, .length, .hex, .json])
    func roundTrip(form: Form) throws {
        // Lines and what ends with a zero can not have either in them.
        let message: [[UInt8]] =
            form == .lines || form == .nul ? [[1, 255], [], [9]] : [Array(0...255), [], [10, 0]]
        var bytes: [UInt8] = []
        let writer = MessageWriter(form, parts: 3)
        try writer.write(message, to: &bytes)
        try writer.write(message, to: &bytes)
        var reader = MessageReader(form, parts: 3, limit: 1_000)
        reader.feed(bytes)
        reader.finish()
        #expect(try reader.next() == message)
        #expect(try reader.next() == message)
        #expect(try reader.next() == nil)
    }
}
