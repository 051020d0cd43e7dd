// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Doctor

@Suite("What peers say")
struct ZMTPTests {
    private static let curve: [UInt8] =
        [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 1] + Array("CURVE".utf8) + [UInt8](repeating: 0, count: 15) + [1]
        + [UInt8](repeating: 0, count: 31)

    @Test func greetings() {
        let expected = Greeting(major: 3, minor: 1, mechanism: "CURVE")
        #expect(Greeting.read(Self.curve) == .greeting(expected))
        for length in 0..<64 { #expect(Greeting.read(Array(Self.curve.prefix(length))) == .incomplete) }
        let own = Greeting.opening + Greeting.rest(mechanism: "NULL")
        #expect(own.count == Greeting.length)
        #expect(Greeting.read(own) == .greeting(Greeting(major: 3, minor: 1, mechanism: "NULL")))
        #expect(Greeting.rest(mechanism: String(repeating: "x", count: 99)).count == 53)
    }

    @Test(
        "what is none",
        arguments: [
            ([1, 0], .old(1)), ([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1], .old(2)),
            ([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 0], .old(1)), (Array("HTTP/1.1".utf8), .foreign("an HTTP server")),
            (Array("SSH-2".utf8), .foreign("an SSH server")), ([0x15, 3, 1], .foreign("a TLS server")),
            (
                [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0],
                .foreign(#"something that begins with "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x00""#)
            ),
            (Array("a\"b".utf8), .foreign(#"something that begins with "a\x22b""#)), ([], .incomplete),
            ([1], .incomplete),
        ] as [([UInt8], Greeting.Reading)]
    )
    func others(bytes: [UInt8], expected: Greeting.Reading) {
        #expect(Greeting.read(bytes) == expected)
    }

    @Test("frames, however they are cut")
    func frames() throws {
        let long = [UInt8](repeating: 7, count: 1_000)
        let bytes: [UInt8] =
            Command.ready(as: "REQ") + [1, 1, 65] + [2, 0, 0, 0, 0, 0, 0, 3, 0xE8] + long
            + Frame.command("PING", [0, 0, 9])
        for step in [1, 2, 3, 7, 100, bytes.count] {
            var (reader, found) = (FrameReader(), [Frame]())
            var rest = bytes[...]
            while !rest.isEmpty {
                reader.feed(rest.prefix(step))
                rest = rest.dropFirst(step)
                while let frame = try reader.next() { found.append(frame) }
            }
            #expect(found.count == 4)
            let ready = found.first.flatMap { Command($0) }
            #expect(ready?.name == "READY")
            #expect(ready?.properties?.map(\.value) == ["REQ", ""])
            #expect(found[1] == Frame(isCommand: false, hasMore: true, beginning: [65]))
            #expect(found[2] == Frame(isCommand: false, hasMore: false, beginning: [UInt8](repeating: 7, count: 256)))
            #expect(Command(found[3])?.pong == Frame.command("PONG", [9]))
        }
    }

    @Test(
        "frames that there are not",
        arguments: [[8], [0xFF], [5, 1, 0], [6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]] as [[UInt8]]
    )
    func breaches(bytes: [UInt8]) {
        var reader = FrameReader()
        reader.feed(bytes)
        #expect(throws: FrameReader.Breach.self) { try reader.next() }
    }

    @Test("the longest message that can be said to come")
    func longest() throws {
        var reader = FrameReader()
        reader.feed([2] + [UInt8](repeating: 0xFF, count: 8))
        #expect(try reader.next() == nil)
        reader.feed([UInt8](repeating: 1, count: 300))
        #expect(try reader.next()?.beginning.count == 256)
        reader.feed([UInt8](repeating: 1, count: 300))
        #expect(try reader.next() == nil)
    }

    @Test(
        "commands that are cut short",
        arguments: [[], [5], [5, 82], [3, 65, 66]] as [[UInt8]]
    )
    func noCommands(body: [UInt8]) {
        #expect(Command(Frame(isCommand: true, hasMore: false, beginning: body)) == nil)
    }

    @Test(
        "properties that are cut short",
        arguments: [[4, 65], [1, 65, 0, 0, 0, 2, 66], [1, 65, 0xFF, 0xFF, 0xFF, 0xFF]] as [[UInt8]]
    )
    func noProperties(content: [UInt8]) {
        let body = [5] + Array("READY".utf8) + content
        let command = Command(Frame(isCommand: true, hasMore: false, beginning: body))
        #expect(command?.name == "READY")
        #expect(command?.properties == nil)
    }

    @Test func reasons() {
        func reason(_ content: [UInt8]) -> String? {
            Command(Frame(isCommand: true, hasMore: false, beginning: [5] + Array("ERROR".utf8) + content))?.reason
        }
        #expect(reason([3] + Array("400".utf8)) == "400")
        #expect(reason([9, 52]) == "4")
        #expect(reason([])?.isEmpty == true)
    }

    @Test("nothing that is sent ends the process")
    func anything() {
        // Small numbers, so that many sizes make sense; the generator of Knuth's MMIX, so that a run can be had again.
        var state: UInt64 = 1
        func random() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let byte = UInt8(truncatingIfNeeded: state >> 33)
            return byte & 1 == 0 ? byte >> 4 : byte
        }
        for _ in 0..<5_000 {
            let bytes = (0..<Int(random())).map { _ in random() }
            _ = Greeting.read(bytes)
            _ = Greeting.read([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3] + bytes)
            let frame = Frame(isCommand: true, hasMore: false, beginning: bytes)
            _ = Command(frame).map { ($0.properties?.count, $0.reason, $0.pong) }
            var (reader, heard) = (FrameReader(), Publications(wanted: "x"))
            reader.feed(bytes)
            while let frame = try? reader.next() { heard.take(frame) }
            _ = PortTable.Row(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func publications() {
        func frame(_ text: String, more: Bool = false) -> Frame {
            Frame(isCommand: false, hasMore: more, beginning: Array(text.utf8))
        }
        var heard = Publications(wanted: "b")
        heard.take(Frame(isCommand: true, hasMore: false, beginning: [1, 98]))
        for text in ["a1", "a1", "a2"] { heard.take(frame(text)) }
        heard.take(frame("a3", more: true))
        heard.take(frame("b in a payload"))
        #expect(heard.found == nil)
        #expect(heard.others == ["a1", "a2", "a3"])
        heard.take(frame("berlin", more: true))
        #expect(heard.found == nil)
        heard.take(frame("rain"))
        #expect(heard.found == "\"berlin\" has come, in 2 parts")
        for number in 0..<10_000 { heard.take(frame("c\(number)")) }
        #expect(heard.others.count == 5)
        #expect(heard.isEnough)
    }
}
