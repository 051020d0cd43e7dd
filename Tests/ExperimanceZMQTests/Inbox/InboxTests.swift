// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Inbox", .watchdog)
struct InboxTests {
    private static func message(_ parts: String...) -> ReceivedMessage {
        var message = ReceivedMessage()
        for part in parts { Array(part.utf8).withUnsafeBytes { message.append($0) } }
        return message
    }

    private static func take(_ inbox: inout Inbox) -> ReceivedMessage? { inbox.takeFirst() }

    @Test("Messages come out in the order they went in")
    func order() {
        var inbox = Inbox()
        #expect(inbox.isEmpty)
        for text in ["a", "b", "c"] { inbox.append(Self.message(text)) }
        #expect(inbox.count == 3)
        #expect(inbox.first == Self.message("a"))
        #expect(Self.take(&inbox) == Self.message("a"))
        #expect(Self.take(&inbox) == Self.message("b"))
        #expect(Self.take(&inbox) == Self.message("c"))
        #expect(Self.take(&inbox) == nil)
        #expect(inbox.isEmpty)
    }

    @Test("What is put back is the next one")
    func puttingBack() {
        var inbox = Inbox()
        inbox.append(Self.message("later"))
        inbox.putBack(Self.message("first", "of two parts"))
        #expect(inbox.first?.partCount == 2)
        #expect(Self.take(&inbox) == Self.message("first", "of two parts"))
        #expect(Self.take(&inbox) == Self.message("later"))
    }

    @Test("An exchange that is over leaves nothing")
    func dropping() {
        var inbox = Inbox()
        inbox.append(Self.message("an answer nobody came for"))
        inbox.dropAll()
        #expect(inbox.isEmpty)
        #expect(inbox.first == nil)
    }

    @Test("A frame in wire form SPACE is a topic and a payload")
    func splitting() {
        let split = Self.message("topic and payload").splitAtSpace()
        #expect(split.part(0).map { Array($0) } == Array("topic".utf8))
        #expect(split.part(1).map { Array($0) } == Array("and payload".utf8))
        #expect(Self.message("no-space").splitAtSpace().part(1)?.isEmpty == true)
        #expect(Self.message("two", "parts").splitAtSpace() == Self.message("two", "parts"))
    }
}
