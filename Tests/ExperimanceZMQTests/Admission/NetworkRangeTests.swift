// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Addresses and ranges of them", .watchdog)
struct NetworkRangeTests {
    @Test(
        "An address is in a range, or not",
        arguments: [
            ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false), ("::/0", "1.2.3.4", false),
            ("::/0", "ffff::", true), ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.2", false), ("10.1.2.2/31", "10.1.2.3", true),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
            ("fe80::/64", "fe80::1%eth0", true), ("fe80::/64", "fe80:0:0:1::1", false),
            ("::1", "::1", true), ("2001:db8::8000:0:0:0/65", "2001:db8::8000:0:0:1", true),
            ("2001:db8::8000:0:0:0/65", "2001:db8::1", false), ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("10.0.0.0/8", "::ffff:10.9.9.9", true),
        ]
    )
    func contains(range: String, address: String, isIn: Bool) throws {
        #expect(try NetworkRange(range).contains(#require(IPAddress(address))) == isIn)
    }

    @Test(
        "What is no range is named",
        arguments: [
            "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/ 8", "10.0.0.0/+8", "10.0.0.1/24", "::1/64", "::/129",
            "::ffff:10.0.0.0/95", "::ffff:10.0.0.0/129", "host", "10.0.0", "10.0.0.0.0", "fe80::1%lo", "10.0.0.0/0008",
            "1\u{0}0.0.0.0",
        ]
    )
    func refuses(text: String) {
        let error = #expect(throws: ZMQSocketError.self) { try NetworkRange(text) }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("address") == true)
    }

    @Test("A peer is where libzmq says it is")
    func origins() throws {
        #expect(PeerOrigin("10.1.2.3") == .network(try #require(IPAddress("10.1.2.3"))))
        #expect(PeerOrigin("fe80::1%eth0") == .network(try #require(IPAddress("fe80::1"))))
        #expect(PeerOrigin("localhost:1000:100:42") == .local(user: 1000, group: 100, process: 42))
        #expect(PeerOrigin(":0:0:1") == .local(user: 0, group: 0, process: 1))
        for nowhere in ["", "localhost", "localhost:1:2", "localhost:-1:2:3", "localhost:1:2:x", "a:b:c:d"] {
            #expect(PeerOrigin(nowhere) == .unknown, "\(nowhere)")
        }
        #expect(PeerOrigin(KnownPeer(address: "tcp://10.1.2.3:4711")) == PeerOrigin("10.1.2.3"))
        #expect(PeerOrigin(KnownPeer(address: "tcp://[::1]:4711")) == PeerOrigin("::1"))
        #expect(PeerOrigin(KnownPeer(address: "localhost:1:2:3")) == PeerOrigin("localhost:1:2:3"))
        #expect(PeerOrigin(nil as KnownPeer?) == .unknown)
    }
}
