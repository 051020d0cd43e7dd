// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Doctor

@Suite("What the system says")
struct LookingTests {
    /// As on a machine whose lowest byte comes first.
    private static func line(_ host: String, _ state: String, queues: String = "00000000:00000000", _ inode: Int)
        -> String
    {
        "   0: \(host):1F90 0100007F:0016 \(state) \(queues) 00:00000000 00000000  1000        0 \(inode) 1 0000 100"
    }

    @Test func rows() throws {
        let row = try #require(PortTable.Row(Self.line("0100007F", "0A", 42)))
        #expect(row.host == (1.littleEndian == 1 ? [127, 0, 0, 1] : [1, 0, 0, 127]))
        #expect(row.port == 8080)
        #expect(row.isListening)
        #expect(row.user == 1_000)
        #expect(row.inode == 42)
        let six = try #require(PortTable.Row(Self.line("00000000000000000000000001000000", "01", 1)))
        #expect(six.host.count == 16)
        #expect(six.isConnected)
    }

    @Test(
        "what is none",
        arguments: [
            "", "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            "0: 0100007F:1F90", "0: 01000:1F90 0:0 0A 0:0 0:0 0 0 0 1", "0: 0100007F:FFFFF 0:0 0A 0:0 0:0 0 0 0 1",
            "0: 0100007F:1F90 0:0 0A 0:x 0:0 0 0 0 1", "0: 0100007F:1F90 0:0 0A 0:0 0:0 0 -1 0 1",
            "0: :: 0 0A 0 0 0 0 0 0",
        ]
    )
    func noRows(line: String) {
        #expect(PortTable.Row(line) == nil)
    }

    @Test("whose socket an address reaches")
    func serving() throws {
        let any = try #require(PortTable.Row(Self.line("00000000000000000000000000000000", "0A", 1)))
        let mapped = try #require(PortTable.Row(Self.line("0000000000000000FFFF00000100007F", "0A", 1)))
        let own = try #require(PortTable.Row(Self.line("0100007F", "0A", 1)))
        #expect(any.serves([127, 0, 0, 1]))
        #expect(any.serves(HostBytes.loopback))
        let anyIPv4 = try #require(PortTable.Row(Self.line("00000000", "0A", 1)))
        #expect(anyIPv4.serves([127, 0, 0, 1]))
        #expect(!anyIPv4.serves(HostBytes.loopback))
        #expect(own.serves([127, 0, 0, 1]))
        #expect(!own.serves([127, 0, 0, 2]))
        #expect(mapped.serves([127, 0, 0, 1]))
        #expect(!mapped.serves([127, 0, 0, 2]))
    }

    @Test("only what was there before and has not become less waits to be read")
    func unread() throws {
        func table(_ queues: [Int: String]) throws -> PortTable {
            PortTable(
                try queues.map { try #require(PortTable.Row(Self.line("0100007F", "01", queues: $0.value, $0.key))) }
            )
        }
        let before = try table([1: "00000000:00000010", 2: "00000000:00000010", 3: "00000000:00000000"])
        let after = try table([
            1: "00000000:00000010", 2: "00000000:0000000F", 3: "00000000:00000010", 4: "00000000:00000010",
        ])
        #expect(after.notRead(at: try Self.host("0100007F"), since: before).map(\.inode) == [1])
        #expect(after.notRead(at: try Self.host("0200007F"), since: before).isEmpty)
    }

    /// An address as the table has it, in bytes.
    private static func host(_ digits: String) throws -> [UInt8] {
        try #require(PortTable.Row(line(digits, "01", 0))).host
    }

    @Test("who listens at an address has its connections, and not those of others at the port")
    func connections() throws {
        let mapped = "0000000000000000FFFF0000"
        let lines = [
            Self.line("0100007F", "0A", 1), Self.line("00000000", "0A", 2), Self.line("0200007F", "0A", 3),
            Self.line("0100007F", "01", 11), Self.line("0300007F", "01", 12), Self.line("0400007F", "01", 13),
            Self.line("0200007F", "01", 14), Self.line(mapped + "0100007F", "01", 15),
            Self.line("00000000000000000000000001000000", "01", 16),
        ]
        let table = PortTable(try lines.map { try #require(PortTable.Row($0)) })
        for (digits, listeners, connections) in [
            ("0100007F", [1], [11, 15]), (mapped + "0100007F", [1], [11, 15]), ("0200007F", [3], [14]),
            ("0300007F", [2], [12, 13]), ("0500007F", [2], [12, 13]),
        ] as [(String, [UInt64], [UInt64])] {
            let host = try Self.host(digits)
            #expect(table.serving(host).keys.sorted() == listeners, "\(digits)")
            #expect(table.connections(to: host).map(\.inode).sorted() == connections, "\(digits)")
        }
        // Forwarded by somebody who is not seen.
        let alone = PortTable(table.rows.filter(\.isConnected))
        #expect(alone.connections(to: try Self.host("0100007F")).map(\.inode).sorted() == [11, 15])
    }

    @Test("one that listens over IPv6 at every address has IPv4, unless another one does")
    func everywhere() throws {
        let six = try #require(PortTable.Row(Self.line("00000000000000000000000000000000", "0A", 6)))
        let four = try #require(PortTable.Row(Self.line("00000000", "0A", 4)))
        #expect(PortTable([six]).serving([127, 0, 0, 1]).keys.sorted() == [6])
        #expect(PortTable([six, four]).serving([127, 0, 0, 1]).keys.sorted() == [4])
        #expect(PortTable([six, four]).serving(HostBytes.loopback).keys.sorted() == [6])
    }

    @Test(
        "what is an address of this machine",
        arguments: [
            ([127, 0, 0, 1], true), ([127, 0, 1, 1], true), ([127, 255, 255, 254], true), ([0, 0, 0, 0], true),
            ([10, 0, 0, 7], true), ([10, 0, 0, 8], false), ([128, 0, 0, 1], false), ([0, 0, 0, 1], false),
            (HostBytes.loopback, true), ([UInt8](repeating: 0, count: 16), true),
            ([0xFD] + [UInt8](repeating: 0, count: 14) + [2], true),
            ([0xFD] + [UInt8](repeating: 0, count: 14) + [3], false),
            ([UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 127, 0, 0, 2], true),
            ([UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 10, 0, 0, 7], true),
            ([UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 10, 0, 0, 8], false),
        ] as [([UInt8], Bool)]
    )
    func machine(host: [UInt8], isOwn: Bool) {
        let interfaces: [[UInt8]] = [[10, 0, 0, 7], [0xFD] + [UInt8](repeating: 0, count: 14) + [2]]
        #expect(SocketAddress(host: host).isOfMachine(with: interfaces) == isOwn)
    }

    @Test func addresses() throws {
        let local = SocketAddress(host: [127, 0, 0, 1])
        #expect(local.text == "127.0.0.1")
        #expect(local.at(port: 8_080).port == 8_080)
        #expect(local.at(port: 8_080).host == [127, 0, 0, 1])
        #expect(SocketAddress(everywhere: AF_INET6, port: 1).text == "::")
        #expect(SocketAddress(path: String(repeating: "x", count: 108)) == nil)
        #expect(SocketAddress(path: "") == nil)
        #expect(SocketAddress(path: "@x")?.port == nil)
        #expect(PathFacts.directory(of: "/a/b") == "/a")
        #expect(PathFacts.directory(of: "/a") == "/")
        #expect(PathFacts.directory(of: "a") == ".")
    }

    @Test("a number needs no look-up, and has its port")
    func numbers() throws {
        guard case .addresses(let found) = try NameLookup.ask("127.0.0.1", port: 77, until: TimeLimit(.zero)) else {
            Issue.record("no addresses")
            return
        }
        #expect(found.map(\.text) == ["127.0.0.1"])
        #expect(found.map(\.port) == [77])
    }

    @Test func loader() {
        let text = """
            \tlinux-vdso.so.1 (0x00007f)
            \tlibx.so.0 => /usr/lib/libx.so.0 (0x00007f)
            \tlibzmq.so.5 => not found
            """
        #expect(LoaderAnswer(text, about: "libx.so.0").path == "/usr/lib/libx.so.0")
        #expect(LoaderAnswer(text, about: "libx.so.0").missing == ["libzmq.so.5"])
        #expect(LoaderAnswer(text, about: "liby.so.0").path == nil)
        #expect(LoaderAnswer("", about: "liby.so.0").missing.isEmpty)
    }

    @Test("a time limit is never over before it is")
    func limits() {
        #expect(TimeLimit(.zero).isUp)
        #expect(TimeLimit(.zero).left == .zero)
        #expect(!TimeLimit(.seconds(1_000)).isUp)
        #expect(TimeLimit(.seconds(1_000)).atMost(.zero).isUp)
        #expect(TimeLimit(.zero).atMost(.seconds(1_000)).isUp)
    }
}
