// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("What a peer's first bytes say", .watchdog)
struct PeerIntroductionTests {
    private func verdict(_ bytes: [UInt8], as kind: ZMQSocketType = .sub, mechanism: String = "NULL") -> ProbeVerdict? {
        var introduction = PeerIntroduction(kind: kind, mechanism: mechanism)
        introduction.append(bytes)
        return introduction.verdict
    }

    private func ready(_ type: String, extra: [UInt8] = []) -> [UInt8] {
        var body: [UInt8] = [5] + Array("READY".utf8) + extra
        body += [11] + Array("Socket-Type".utf8) + [0, 0, 0, UInt8(type.utf8.count)] + Array(type.utf8)
        return [4, UInt8(body.count)] + body
    }

    private let greeting = PeerIntroduction.greeting(mechanism: "NULL")

    @Test("A peer that fits, whole or byte by byte")
    func fits() {
        let bytes = greeting + ready("PUB")
        #expect(verdict(bytes) == .fits)
        var introduction = PeerIntroduction(kind: .sub, mechanism: "NULL")
        for byte in bytes.dropLast() {
            introduction.append([byte])
            #expect(introduction.verdict == nil)
        }
        introduction.append([bytes[bytes.count - 1]])
        #expect(introduction.verdict == .fits)
    }

    @Test("The socket type is found behind other properties")
    func properties() {
        let identity: [UInt8] = [8] + Array("Identity".utf8) + [0, 0, 0, 2, 1, 2]
        #expect(verdict(greeting + ready("PUSH", extra: identity)) == .otherType("PUSH", ours: .sub))
    }

    @Test(
        "Which types fit",
        arguments: [
            (ZMQSocketType.sub, "XPUB", true), (.sub, "PUSH", false), (.push, "PULL", true), (.push, "PUSH", false),
            (.pull, "PUSH", true), (.req, "ROUTER", true), (.req, "REQ", false), (.dealer, "DEALER", true),
            (.pair, "PAIR", true), (.pair, "DEALER", false), (.pub, "XSUB", true), (.router, "REP", false),
        ]
    )
    func types(kind: ZMQSocketType, peer: String, fits: Bool) {
        #expect(verdict(greeting + ready(peer), as: kind) == (fits ? .fits : .otherType(peer, ours: kind)))
    }

    @Test("Other mechanisms and versions")
    func others() {
        #expect(verdict(PeerIntroduction.greeting(mechanism: "CURVE")) == .otherMechanism("CURVE"))
        #expect(verdict([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 5]) == .oldProtocol(major: 2))
        #expect(verdict([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 0, 5]) == .oldProtocol(major: 1))
        #expect(verdict([0x01, 0x00]) == .foreign("a ZMTP 1 peer"))
    }

    @Test(
        "Things that are no ZeroMQ peer",
        arguments: [
            ("HTTP/1.1 400 Bad Request\r\n", "an HTTP server"), ("<!DOCTYPE HTML", "an HTTP server"),
            ("SSH-2.0-OpenSSH_9.2", "an SSH server"), ("-ERR unknown command", "a Redis server"),
            ("hello", "something that begins with \"hello\""),
        ]
    )
    func foreign(answer: String, name: String) {
        #expect(verdict(Array(answer.utf8)) == .foreign(name))
    }

    @Test("Frames that lie about their lengths are read without harm")
    func malformed() {
        let lies: [[UInt8]] = [
            [6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [4, 6, 200, 1, 2, 3, 4, 5], [4, 0],
            [4, 11, 5] + Array("READY".utf8) + [250, 1, 1, 1, 1],
            [4, 12, 5] + Array("READY".utf8) + [1, 65, 255, 255, 255, 255], [0, 3, 1, 2, 3],
            [4, 6, 5] + Array("ERROR".utf8),
        ]
        for lie in lies {
            #expect(verdict(greeting + lie) == .fits)
        }
    }

    @Test("What the end of the connection means")
    func ends() {
        func final(_ bytes: [UInt8], _ number: Int32?) -> ProbeVerdict {
            var introduction = PeerIntroduction(kind: .sub, mechanism: "NULL")
            introduction.append(bytes)
            return introduction.finalVerdict(closedWith: number)
        }
        #expect(final([], nil) == .silent)
        #expect(final([], 0) == .closedEarly(errno: 0))
        #expect(final([], 104) == .closedEarly(errno: 104))
        #expect(final(greeting, nil) == .fits)
        #expect(final(greeting, 0) == .fits)
        #expect(final([0xFF], 0) == .closedEarly(errno: 0))
        // A ZMQ peer far away: the rest of its greeting is on its way.
        for count in [1, 9, 10, 63] { #expect(final(Array(greeting.prefix(count)), nil) == .silent) }
        #expect(final([0xFF] + Array(repeating: 0, count: 9), nil) != .silent)
        #expect(final([1, 0], nil) == .foreign("a ZMTP 1 peer"))
    }

    @Test("Their greeting is heard before they are told the mechanism")
    func opening() {
        let opening = PeerIntroduction.opening
        #expect(opening.count < 12, "the mechanism begins there")
        #expect(opening + PeerIntroduction.rest(mechanism: "CURVE") == PeerIntroduction.greeting(mechanism: "CURVE"))
    }

    @Test("Goodbye is said in the mechanism of the other side, if there is time for that")
    func farewellToOthers() {
        for (theirs, command) in [("NULL", "ERROR"), ("PLAIN", "HELLO"), ("CURVE", "HELLO")] {
            for isServer in [false, true] {
                var introduction = PeerIntroduction(kind: .sub, mechanism: "GSSAPI", isServer: isServer)
                introduction.append(PeerIntroduction.greeting(mechanism: theirs))
                let expected = PeerIntroduction.rest(mechanism: theirs) + [4, 6, 5] + Array(command.utf8)
                #expect(introduction.farewell(hasGreeted: false).map { $0[...] } == expected)
                #expect(introduction.farewell(hasGreeted: true) == nil)
            }
        }
    }

    @Test("Goodbye is said to who is in the same handshake")
    func farewell() {
        func farewell(to bytes: [UInt8], mechanism: String = "NULL", isServer: Bool = false) -> [UInt8]? {
            var introduction = PeerIntroduction(kind: .sub, mechanism: mechanism, isServer: isServer)
            introduction.append(bytes)
            return introduction.farewell(hasGreeted: true)
        }
        let error: [UInt8] = [4, 6, 5] + Array("ERROR".utf8)
        let hello: [UInt8] = [4, 6, 5] + Array("HELLO".utf8)
        #expect(farewell(to: greeting) == error)
        #expect(farewell(to: greeting + ready("PUSH")) == error)
        #expect(farewell(to: Array(greeting.dropLast())) == nil)
        #expect(farewell(to: PeerIntroduction.greeting(mechanism: "CURVE")) == nil)
        for mechanism in ["PLAIN", "CURVE"] {
            let theirs = PeerIntroduction.greeting(mechanism: mechanism)
            #expect(farewell(to: theirs, mechanism: mechanism) == hello, "a server waits for that")
            #expect(farewell(to: theirs, mechanism: mechanism, isServer: true) == error)
        }
        #expect(farewell(to: PeerIntroduction.greeting(mechanism: "GSSAPI"), mechanism: "GSSAPI") == nil)
        #expect(farewell(to: [UInt8](repeating: UInt8(ascii: "H"), count: 64)) == nil)
        #expect(farewell(to: [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1] + [UInt8](repeating: 0, count: 53)) == nil)
    }

    @Test("Random bytes never trap and never ask for more than the limit")
    func random() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<2_000 {
            let count = Int(random.next() % 1_100)
            var bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if random.next() % 2 == 0 { bytes = greeting + bytes }
            var introduction = PeerIntroduction(kind: .sub, mechanism: "NULL")
            introduction.append(bytes)
            _ = introduction.verdict
            _ = introduction.farewell(hasGreeted: random.next() % 2 == 0)
            if bytes.count >= PeerIntroduction.maximumLength { #expect(introduction.verdict != nil) }
        }
    }
}
