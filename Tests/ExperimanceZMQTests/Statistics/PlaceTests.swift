// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import ExperimanceZMQ

@Suite("Where statistics are served")
struct StatisticsPlaceTests {
    @Test("A path, an abstract name, or one of the library's choice")
    func places() throws {
        #expect(try StatisticsPlace("ipc://*") == .ofOwnChoice)
        #expect(try StatisticsPlace("ipc:///run/x") == .path("/run/x"))
        #expect(try StatisticsPlace("ipc://@x") == .path("@x"))
    }

    @Test("Anything else is refused when the context is made", arguments: ["", "tcp://127.0.0.1:0", "inproc://x", "x"])
    func refused(endpoint: String) {
        var options = ZMQContextOptions()
        options.statisticsEndpoint = endpoint
        #expect { try ZMQContext(options: options) } throws: { ($0 as? ZMQSocketError)?.code == .invalid }
    }

    @Test("The environment asks with 1")
    func environment() throws {
        #expect(try StatisticsPlace.asked(by: "1") == .ofOwnChoice)
        for value in [nil, "", "0"] { #expect(try StatisticsPlace.asked(by: value) == nil) }
        #expect(throws: ZMQSocketError.self) { try StatisticsPlace.asked(by: "true\n") }
    }

    @Test("The runtime directory is that of the session, or one in /tmp")
    func directory() {
        #expect(RuntimeDirectory(ofUser: 5, runtime: "/run/user/5").path == "/run/user/5/experimance_zmq")
        for runtime in [nil, "", "relative"] {
            #expect(RuntimeDirectory(ofUser: 5, runtime: runtime).path == "/tmp/experimance_zmq-5")
        }
        #expect(RuntimeDirectory.isOurs("12-1.stats"))
        for name in ["12-1", "12.stats", "-1.stats", "12-.stats", "12-1-1.stats", "a-1.stats", ".stats", "12-１.stats"] {
            #expect(!RuntimeDirectory.isOurs(name))
        }
    }

    @Test("What is told is the library's version: that of the header")
    func version() throws {
        let path = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let header = try String(contentsOfFile: "/\(path)/include/experimance_zmq.h", encoding: .utf8)
        func number(_ name: String) throws -> Substring {
            let line = try #require(
                header.split(separator: "\n").first { $0.hasPrefix("#define EXZ_VERSION_\(name) ") }
            )
            return try #require(line.split(separator: " ").last)
        }
        #expect(LibraryVersion.text == "\(try number("MAJOR")).\(try number("MINOR")).\(try number("PATCH"))")
    }
}
