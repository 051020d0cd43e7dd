// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Rules on who may come in", .watchdog)
struct AccessRulesTests {
    private static func key(_ byte: UInt8) -> ZMQCurvePublicKey? {
        try? ZMQCurvePublicKey(bytes: [UInt8](repeating: byte, count: 32))
    }

    private static func secret(_ text: String) -> SecretBytes? {
        try? Array(text.utf8).withUnsafeBytes { try SecretBytes(copying: $0) }
    }

    private func question(
        _ address: String,
        _ demand: AccessRules.Demand,
        _ credentials: ZAPRequest.Credentials = .none,
        groups: [UInt32] = []
    ) -> AccessRules.Question {
        AccessRules.Question(
            origin: PeerOrigin(address),
            demand: demand,
            credentials: credentials,
            otherGroups: groups
        )
    }

    @Test("Without a rule nobody comes in but where anybody may", arguments: [false, true])
    func closedByDefault(asks: Bool) throws {
        let rules = AccessRules(asksProgram: asks)
        let key = try #require(Self.key(7))
        let curve = rules.verdict(on: question("10.0.0.1", .key(anybody: false), .key(key)))
        let anybody = rules.verdict(on: question("10.0.0.1", .key(anybody: true), .key(key)))
        let guest = rules.verdict(on: question("10.0.0.1", .nothing))
        let local = rules.verdict(on: question("localhost:1:2:3", .nothing))
        let unknown = rules.verdict(on: question("", .nothing))
        #expect(curve == (asks ? .undecided : .refused(.key)))
        #expect(anybody == (asks ? .undecided : .admitted(AdmittedPeer(userID: "", publicKey: key))))
        #expect(guest == (asks ? .undecided : .refused(.address)))
        #expect(local == (asks ? .undecided : .refused(.localUser)))
        #expect(unknown == (asks ? .undecided : .refused(.address)))
    }

    @Test("What the peer brings has to be what the socket asks for")
    func otherCredentials() throws {
        let rules = AccessRules(asksProgram: true)
        let key = try #require(Self.key(7)), secret = try #require(Self.secret("s"))
        let demands: [AccessRules.Demand] = [.key(anybody: true), .password, .nothing]
        let brought: [ZAPRequest.Credentials] = [.key(key), .password(username: [97], password: secret), .none]
        for (row, demand) in demands.enumerated() {
            for (column, credentials) in brought.enumerated() where row != column {
                #expect(rules.verdict(on: question("::1", demand, credentials)) == .refused(.unreadable))
            }
        }
    }

    @Test(
        "Addresses: denied beats allowed, and one that is allowed shuts out all others",
        arguments: [
            ("10.1.2.3", true), ("10.2.0.1", false), ("10.1.9.9", false), ("::ffff:10.1.2.3", true),
            ("2001:db8::1", true), ("2001:db9::1", false), ("", false),
        ]
    )
    func addresses(address: String, comesIn: Bool) throws {
        var rules = AccessRules(asksProgram: false)
        for range in ["10.1.0.0/16", "2001:db8::/32"] { rules.allow(try NetworkRange(range)) }
        rules.deny(try NetworkRange("10.1.9.0/24"))
        let verdict = rules.verdict(on: question(address, .nothing))
        #expect(verdict == (comesIn ? .admitted(AdmittedPeer(userID: "")) : .refused(.address)))
        let key = try #require(Self.key(1))
        rules.keys.allow(key, as: "k")
        let withKey = rules.verdict(on: question(address, .key(anybody: true), .key(key)))
        let admitted = Verdict.admitted(AdmittedPeer(userID: "k", publicKey: key))
        #expect(withKey == (comesIn ? admitted : .refused(.address)))
    }

    @Test("Rules on addresses say nothing of local peers, and rules on users nothing of others")
    func rulesOfTheirOwn() throws {
        var rules = AccessRules(asksProgram: false)
        rules.allow(try NetworkRange("10.0.0.0/8"))
        #expect(rules.verdict(on: question("localhost:5:6:7", .nothing)) == .refused(.localUser))
        rules.allow(user: 5)
        #expect(rules.verdict(on: question("localhost:5:6:7", .nothing)) == .admitted(AdmittedPeer(userID: "5")))
        #expect(rules.verdict(on: question("localhost:6:5:5", .nothing)) == .refused(.localUser))
        rules.allow(group: 8)
        #expect(rules.verdict(on: question("localhost:6:8:7", .nothing)) == .admitted(AdmittedPeer(userID: "6")))
        let supplementary = question("localhost:6:9:7", .nothing, groups: [3, 8])
        #expect(rules.verdict(on: supplementary) == .admitted(AdmittedPeer(userID: "6")))
        var others = AccessRules(asksProgram: false)
        others.allow(user: 5)
        #expect(others.verdict(on: question("10.0.0.1", .nothing)) == .refused(.address))
    }

    @Test("A key that is denied is refused, whatever else is said of it")
    func deniedKeys() throws {
        let key = try #require(Self.key(3))
        var rules = AccessRules(asksProgram: true)
        rules.keys.allow(key, as: "x")
        rules.keys.deny(key)
        _ = rules.keys.replace(1, with: [key: "file"])
        #expect(rules.verdict(on: question("::1", .key(anybody: true), .key(key))) == .refused(.key))
        #expect(rules.keys.count == 0)
        rules.keys.allow(key, as: "again")
        let verdict = rules.verdict(on: question("::1", .key(anybody: false), .key(key)))
        #expect(verdict == .admitted(AdmittedPeer(userID: "again", publicKey: key)))
    }

    @Test("A key of several places goes with the last of them")
    func severalPlaces() throws {
        let first = try #require(Self.key(3)), second = try #require(Self.key(4))
        var ring = KeyRing()
        #expect(ring.replace(1, with: [first: "one", second: "one"]) == ([], true))
        #expect(ring.replace(2, with: [first: "two"]) == ([], true))
        #expect(ring.userID(of: first) == "one")
        #expect(ring.replace(1, with: [:]) == ([second], true))
        #expect(ring.userID(of: first) == "two")
        ring.allow(first, as: "own")
        #expect(ring.replace(2, with: [first: "two"]) == ([], false))
        #expect(ring.replace(2, with: [first: "other"]) == ([], true))
        #expect(ring.replace(2, with: [:]) == ([], true))
        #expect(ring.replace(2, with: [:]) == ([], false))
        #expect(ring.userID(of: first) == "own")
        #expect(ring.count == 1)
    }

    @Test("A name comes in with its password, and the program is asked about others only")
    func passwords() throws {
        var rules = AccessRules(asksProgram: true)
        rules.allow(username: Array("anna".utf8), try #require(Self.secret("right")))
        func verdict(_ name: [UInt8], _ password: String) throws -> Verdict {
            let secret = try #require(Self.secret(password))
            return rules.verdict(on: question("::1", .password, .password(username: name, password: secret)))
        }
        #expect(try verdict(Array("anna".utf8), "right") == .admitted(AdmittedPeer(userID: "anna")))
        #expect(try verdict(Array("anna".utf8), "wrong") == .refused(.password))
        #expect(try verdict(Array("otto".utf8), "right") == .undecided)
        #expect(try verdict([0xFF, 0xFE], "right") == .refused(.unreadable))
        #expect(try verdict([97, 0, 98], "right") == .refused(.unreadable))
    }
}
