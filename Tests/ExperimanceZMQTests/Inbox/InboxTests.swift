// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Inbox", .watchdog)
struct InboxTests {
    private static func message(_ text: String) -> ReceivedMessage { received(Array(text.utf8)) }

    private static func message(_ first: String, _ second: String) -> ReceivedMessage {
        received(Array(first.utf8), Array(second.utf8))
    }

    private static func take(_ inbox: inout Inbox) -> ReceivedMessage? { inbox.takeFirst() }

    @Test("Messages come out in the order they went in")
    func order() {
        var inbox = Inbox()
        #expect(inbox.isEmpty)
        for text in ["a", "b", "c"] { inbox.append(Self.message(text)) }
        #expect(inbox.count == 3)
        #expect(inbox.first?.parts == Self.message("a").parts)
        #expect(Self.take(&inbox)?.parts == Self.message("a").parts)
        #expect(Self.take(&inbox)?.parts == Self.message("b").parts)
        #expect(Self.take(&inbox)?.parts == Self.message("c").parts)
        #expect(Self.take(&inbox)?.parts == nil)
        #expect(inbox.isEmpty)
    }

    @Test("It knows the bytes of what it holds, whichever way that came and went")
    func bytes() {
        var inbox = Inbox()
        inbox.append(Self.message("three"))
        inbox.putBack(Self.message("one", "two"))
        #expect(inbox.byteCount == 11)
        _ = Self.take(&inbox)
        #expect(inbox.byteCount == 5)
        inbox.dropAll()
        #expect(inbox.byteCount == 0)
        _ = Self.take(&inbox)
        #expect(inbox.byteCount == 0)
    }

    @Test("What is put back is the next one")
    func puttingBack() {
        var inbox = Inbox()
        inbox.append(Self.message("later"))
        inbox.putBack(Self.message("first", "of two parts"))
        #expect(inbox.first?.partCount == 2)
        #expect(Self.take(&inbox)?.parts == Self.message("first", "of two parts").parts)
        #expect(Self.take(&inbox)?.parts == Self.message("later").parts)
    }

    @Test("An exchange that is over leaves nothing")
    func dropping() {
        var inbox = Inbox()
        inbox.append(Self.message("an answer nobody came for"))
        inbox.dropAll()
        #expect(inbox.isEmpty)
        #expect(inbox.isEmpty)
    }

    @Test(
        "Every part has an address that fits any type, and keeps it",
        arguments: [0, 1, 33, 34, 2_047, 2_048, 100_000]
    )
    func alignment(size: Int) throws {
        let parts = [[UInt8](repeating: 1, count: size), [2], [UInt8](repeating: 3, count: size)]
        let message = received(parts[0], parts[1], parts[2])
        for index in 0..<3 {
            let bytes = try message.lastingBytes(ofPart: index)
            #expect(UInt(bitPattern: bytes.baseAddress) % 16 == 0)
            #expect(try message.lastingBytes(ofPart: index).baseAddress == bytes.baseAddress)
            #expect(Array(bytes) == parts[index])
        }
        let split = Self.message("odd topic").splitAtSpace()
        let payload = try split.lastingBytes(ofPart: 1)
        #expect(UInt(bitPattern: payload.baseAddress) % 16 == 0)
        #expect(Array(payload) == Array("topic".utf8))
        #expect(split.totalSize == 8)
        #expect(throws: ZMQSocketError.self) { _ = try split.lastingBytes(ofPart: 2) }
    }

    @Test("A frame in wire form SPACE is a topic and a payload")
    func splitting() {
        let split = Self.message("topic and payload").splitAtSpace()
        #expect(split.part(0) == Array("topic".utf8))
        #expect(split.part(1) == Array("and payload".utf8))
        #expect(Self.message("no-space").splitAtSpace().part(1)?.isEmpty == true)
        #expect(Self.message("two", "parts").splitAtSpace().parts == Self.message("two", "parts").parts)
    }
}
