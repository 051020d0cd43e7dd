// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Endpoint", .watchdog)
struct EndpointTests {
    @Test(
        "What can be connected to",
        arguments: [
            ("tcp://127.0.0.1:5555", .tcp(host: "127.0.0.1", port: 5555)),
            ("tcp://render-host.local:1", .tcp(host: "render-host.local", port: 1)),
            ("tcp://[::1]:65535", .tcp(host: "::1", port: 65535)),
            ("tcp://[fe80::1%lo]:80", .tcp(host: "fe80::1%lo", port: 80)),
            ("ipc:///run/x.sock", .ipc(path: "/run/x.sock")),
            ("ipc://@abstract", .ipc(path: "@abstract")),
            ("inproc://name", .inproc(name: "name")),
        ] as [(String, Endpoint.Target)]
    )
    func connectable(text: String, target: Endpoint.Target) throws {
        #expect(try Endpoint(text, for: .connect).target == target)
        #expect(try Endpoint(text, for: .bind).target == target)
    }

    @Test("Names are told apart by their bytes, not their characters", arguments: ["ipc:///", "inproc://", "tcp://"])
    func exact(start: String) throws {
        let port = start == "tcp://" ? ":1" : ""
        let composed = "\(start)caf\u{E9}\(port)"
        let decomposed = "\(start)cafe\u{301}\(port)"
        try #require(composed == decomposed)
        let (first, second) = try (Endpoint(composed, for: .connect), Endpoint(decomposed, for: .connect))
        #expect(first.text != second.text)
        #expect(first.target != second.target)
        #expect(Set([first, second, first]).count == 2)
        #expect(try first == Endpoint(composed, for: .connect))
    }

    @Test("A name may begin with what combines with the character before it")
    func combining() throws {
        #expect(try Endpoint("inproc://\u{301}x", for: .bind).target == .inproc(name: "\u{301}x"))
    }

    @Test(
        "What can only be bound",
        arguments: [
            ("tcp://*:5555", .tcp(host: "*", port: 5555)),
            ("tcp://127.0.0.1:0", .tcp(host: "127.0.0.1", port: 0)),
            ("tcp://127.0.0.1:*", .tcp(host: "127.0.0.1", port: 0)),
            ("ipc://*", .ipc(path: "*")),
        ] as [(String, Endpoint.Target)]
    )
    func bindable(text: String, target: Endpoint.Target) throws {
        #expect(try Endpoint(text, for: .bind).target == target)
    }

    @Test("The longest path fits, one more byte does not")
    func pathLength() throws {
        let longest = "/" + String(repeating: "x", count: 106)
        #expect(NumericAddress(localPath: longest) != nil)
        _ = try Endpoint("ipc://\(longest)", for: .bind)
        #expect(NumericAddress(localPath: longest + "x") == nil)
    }

    @Test("Numeric addresses come back in the form libzmq uses")
    func numeric() {
        #expect(NumericAddress("127.0.0.1", port: 80)?.endpoint == "tcp://127.0.0.1:80")
        #expect(NumericAddress("::1", port: 80)?.endpoint == "tcp://[::1]:80")
        #expect(NumericAddress("0:0:0:0:0:0:0:1", port: 80)?.endpoint == "tcp://[::1]:80")
        #expect(NumericAddress("localhost", port: 80) == nil)
        #expect(NumericAddress("", port: 80) == nil)
    }
}
