// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import ExperimanceZMQ

@Suite("What an operator is told")
struct DocumentTests {
    private let start = MonotonicInstant(nanoseconds: 1_000)
    private var context: ContextReport {
        ContextReport(process: 7, program: "a \"b\"\n", number: 2, name: "exz", openedAt: start, libzmq: "4.3.4")
    }

    private func report(_ handle: UInt64) -> SocketReport {
        SocketReport(handle: handle, number: handle, kind: .push, openedAt: start)
    }

    private func object(of document: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(document)) as? [String: Any])
    }

    @Test("A document is JSON, whatever names programs and endpoints have")
    func names() throws {
        var socket = report(0x53_0000_0100_0000)
        socket.bound = ["ipc:///tmp/\"\\\u{7F}\u{1}é"]
        let failure = ConnectFailure(code: .refused, reason: "no\u{1B}[2J")
        socket.links = [SocketReport.Link(endpoint: "tcp://a:1", state: "waiting", attempts: 3, failure: failure)]
        socket.failure = SocketReport.Failure(code: .timeout, text: "late", at: start)
        let now = start.advanced(byNanoseconds: 1_250_000_000)
        let document = context.document(of: [1], at: now) { _ in socket }
        #expect(document.last == UInt8(ascii: "\n"))
        #expect(document.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        let told = try object(of: document)
        #expect(told["version"] as? Int == 1)
        #expect(told["program"] as? String == "a \"b\"\n")
        #expect((told["context"] as? [String: Any])?["uptime_s"] as? Double == 1.25)
        let sockets = try #require(told["sockets"] as? [[String: Any]])
        #expect(sockets.count == 1)
        #expect(sockets[0]["bound"] as? [String] == socket.bound)
        #expect(sockets[0]["handle"] as? String == "0x53000001000000")
        let link = try #require((sockets[0]["links"] as? [[String: Any]])?.first)
        #expect((link["last_failure"] as? [String: Any])?["text"] as? String == failure.reason)
        #expect((sockets[0]["last_error"] as? [String: Any])?["name"] as? String == "EXZ_ERR_TIMEOUT")
    }

    @Test("It has a bound, and says what it leaves out")
    func bound() throws {
        let endpoint = "inproc://" + String(repeating: "x", count: 3_000)
        let document = context.document(of: Array(1...20_000), at: start) { handle in
            var socket = report(handle)
            socket.bound = Array(repeating: endpoint, count: SocketReport.mostEndpoints)
            socket.leftOut = 36
            return socket
        }
        #expect(document.count < ContextReport.enough + 200_000)
        let told = try object(of: document)
        let sockets = try #require(told["sockets"] as? [[String: Any]])
        #expect(sockets.count + (told["sockets_left_out"] as? Int ?? 0) == 20_000)
        #expect(sockets[0]["endpoints_left_out"] as? Int == 36)
        let shown = try #require((sockets[0]["bound"] as? [String])?.first)
        #expect(shown.hasSuffix("…") && shown.utf8.count < 1_100)
    }

    @Test("Sockets that are closed by now are not in it")
    func closed() throws {
        let told = try object(of: context.document(of: [1, 2], at: start) { $0 == 1 ? nil : report($0) })
        #expect((told["sockets"] as? [[String: Any]])?.count == 1)
        #expect(told["sockets_left_out"] as? Int == 0)
    }

    @Test("All counters of a socket are in it, by their names in C")
    func counters() throws {
        let told = try object(of: context.document(of: [1], at: start) { report($0) })
        let socket = try #require((told["sockets"] as? [[String: Any]])?.first)
        let counters = try #require(socket["counters"] as? [String: Any])
        let fields = Mirror(reflecting: ZMQStatistics()).children.compactMap { child in
            child.value is UInt64 ? child.label?.replacing(/[A-Z]/) { "_" + $0.output.lowercased() } : nil
        }
        #expect(Set(counters.keys) == Set(fields))
    }
}
