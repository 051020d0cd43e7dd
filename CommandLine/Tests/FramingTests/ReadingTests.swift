// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Framing

@Suite("Messages read from a stream")
struct ReadingTests {
    /// What is read where the stream comes in pieces of so many bytes.
    private func read(
        _ stream: [UInt8],
        _ form: Form,
        parts: Int = 1,
        limit: Int = 100,
        pieces size: Int
    ) throws -> [[String]] {
        var (reader, rest, messages) = (MessageReader(form, parts: parts, limit: limit), stream[...], [[String]]())
        func take() throws {
            while let message = try reader.next() {
                messages.append(message.map { String(decoding: $0, as: UTF8.self) })
            }
        }
        while !rest.isEmpty {
            reader.feed(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
            try take()
        }
        reader.finish()
        try take()
        return messages
    }

    @Test("whatever pieces it comes in", arguments: [1, 2, 3, 7, 1_000])
    func pieces(size: Int) throws {
        let counted: [UInt8] = [0, 0, 0, 2, 97, 10, 0, 0, 0, 0, 0, 0, 0, 1, 98]
        #expect(try read(Array("a\n\nbc".utf8), .lines, pieces: size) == [["a"], [""], ["bc"]])
        #expect(try read(Array("a\n\nbc\n".utf8), .lines, pieces: size) == [["a"], [""], ["bc"]])
        #expect(try read([97, 10, 0, 0, 98], .nul, pieces: size) == [["a\n"], [""], ["b"]])
        #expect(try read(counted, .length, pieces: size) == [["a\n"], [""], ["b"]])
        #expect(try read(Array("61 0a\n\n6263".utf8), .hex, pieces: size) == [["a\n"], [""], ["bc"]])
        #expect(try read(Array("a\nb\n".utf8), .raw, pieces: size) == [["a\nb\n"]])
        #expect(try read(Array("a\nb\nc\nd\n".utf8), .lines, parts: 2, pieces: size) == [["a", "b"], ["c", "d"]])
    }

    @Test func jsonLines() throws {
        let lines = #"{"topic":"t","parts":["é\n\ud83d\ude00",{"hex":"4142"}]}"# + "\n\n" + #" {"parts" : [ "x" ] } "#
        #expect(try read(Array(lines.utf8), .json, pieces: 5) == [["t", "é\n😀", "AB"], ["x"]])
    }

    @Test(
        "what is no message says where it is",
        arguments: [
            (Form.hex, "00\n0g\n", "line 2 of the input: \"g\" is no hexadecimal digit"),
            (.hex, "000\n", "line 1 of the input: an odd number of hexadecimal digits"),
            (.length, "\0\0\0", "frame 1 of the input: the input ends within the length"),
            (.length, "\0\0\0\u{5}ab", "frame 1 of the input: the input ends after 2 of 5 bytes"),
            (.json, "{}\n", "line 1 of the input: there has to be \"parts\", with one part at least"),
            (.json, #"{"parts":[]}"#, "line 1 of the input: there has to be \"parts\", with one part at least"),
            (.json, #"{"parts":[1]}"#, "line 1 of the input: a part has to be a text, or {\"hex\": \"…\"}"),
            (.json, #"{"part":["a"]}"#, "line 1 of the input: \"part\" is neither \"topic\" nor \"parts\""),
            (.json, #"["a"]"#, "line 1 of the input: not an object such as {\"parts\": [\"text\"]}"),
            (
                .json, #"{"parts":["a"]"#,
                "line 1 of the input: not JSON: neither a comma nor a closing brace at byte 15"
            ),
            (.json, #"{"parts":["a"]} x"#, "line 1 of the input: not JSON: something follows the value at byte 17"),
            (.json, #"{"parts":["\ud800"]}"#, "line 1 of the input: not JSON: half of a pair at byte 18"),
            (.json, String(repeating: "[", count: 50), "line 1 of the input: not JSON: nested too deeply at byte 33"),
        ]
    )
    func mistakes(form: Form, text: String, message: String) {
        let error = #expect(throws: FormError.self) { try read(Array(text.utf8), form, pieces: 1_000) }
        #expect(error?.message == message)
    }

    @Test("a message that lacks parts at the end is a mistake")
    func missingParts() {
        let error = #expect(throws: FormError.self) { try read(Array("a\nb\nc\n".utf8), .lines, parts: 2, pieces: 4) }
        #expect(error?.message == "the input ends after 1 of the 2 parts of a message")
    }

    @Test("what is too long is found before it is held", arguments: [Form.lines, .nul, .length, .raw])
    func limit(form: Form) {
        var reader = MessageReader(form, limit: 10)
        let error = #expect(throws: FormError.self) {
            // Longer than the limit however it is cut, and without an end.
            for _ in 0..<3 {
                reader.feed([1, 1, 1, 1, 1, 1, 1, 1])
                _ = try reader.next()
            }
        }
        #expect(error?.message.contains("longer than 10 bytes") == true)
    }

    @Test func limitIsReached() throws {
        #expect(try read(Array("0123456789\n".utf8), .lines, limit: 10, pieces: 3) == [["0123456789"]])
        #expect(throws: FormError.self) { try read(Array("0123456789a\n".utf8), .lines, limit: 10, pieces: 3) }
    }
}
