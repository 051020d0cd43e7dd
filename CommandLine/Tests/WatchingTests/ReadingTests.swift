// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Watching

/// A document as a program serves it, with one socket.
func document(_ changes: [(String, String)] = []) -> [UInt8] {
    var text = """
        {"version":1,"library":"0.1.0","libzmq":"4.3.4","pid":77,"program":"camera","context":{"number":1,"name":"cam",
        "uptime_s":12.5},"sockets":[{"handle":"0x5300000000000001","number":3,"type":"PUSH","state":"ready",
        "security":"none","age_s":10.000,"bound":["tcp://0.0.0.0:5555"],"links":[{"endpoint":"tcp://a:1",
        "state":"waiting","attempts":2,"last_failure":{"status":-8,"name":"EXZ_ERR_REFUSED","text":"nobody there"}}],
        "endpoints_left_out":0,"peers":1,"counters":{"messages_sent":10,"bytes_sent":100},
        "held":{"messages":2,"bytes":9},"waiting":{"senders":4,"receivers":0,"others":0},
        "last_error":{"status":-7,"name":"EXZ_ERR_TIMEOUT","text":"late","age_s":3.25}}],"sockets_left_out":0}

        """
    for (old, new) in changes {
        if let range = text.firstRange(of: old) { text.replaceSubrange(range, with: new) }
    }
    return Array(text.utf8)
}

/// A document that has come, understood.
func read(_ document: [UInt8]) throws -> ProgramStatistics {
    try ProgramStatistics(try ProgramStatistics.json(of: document))
}

func sighting(at time: Double, _ changes: (String, String)...) throws -> Sighting {
    var text = String(decoding: document(), as: UTF8.self)
    for (old, new) in changes { text.replace(old, with: new) }
    return Sighting(
        endpoint: "ipc:///run/77-1.stats",
        finding: .statistics(try read(Array(text.utf8))),
        time: time
    )
}

@Suite("Statistics that programs serve")
struct ReadingTests {
    @Test("A document is read as it was written")
    func whole() throws {
        let statistics = try read(document())
        #expect((statistics.process, statistics.program) == (77, "camera"))
        #expect((statistics.context, statistics.contextName) == (1, "cam"))
        let socket = try #require(statistics.sockets.first)
        #expect(socket.name == "PUSH#3")
        #expect(socket.bound == ["tcp://0.0.0.0:5555"])
        #expect(socket.links.map(\.state) == ["waiting"])
        #expect(socket.links[0].failure?.name == "EXZ_ERR_REFUSED")
        #expect(socket.failure?.age == 3.25)
        #expect(socket.values["messages_sent"] == 10)
        #expect(socket.values["held_bytes"] == 9)
        #expect(socket.values["waiting_senders"] == 4)
        #expect(socket.values["peers"] == 1)
    }

    @Test(
        "What is no document of a form that is known is refused, in words",
        arguments: [
            ("HTTP/1.1 400 Bad Request", "not JSON"), ("{}", "no version"), ("{\"version\":2}", "another version"),
            ("[1]", "no version"), ("{\"version\":1", "not JSON"),
        ]
    )
    func refused(text: String, reason: String) throws {
        let failure = #expect(throws: ProgramStatistics.Failure.Unreadable.self) {
            try read(Array(text.utf8))
        }
        #expect(failure?.reason.contains(reason) == true)
    }

    @Test(
        "Numbers that no program can mean are bounded, and neither shown nor added up they trap",
        arguments: [
            ("-1e300", nil), ("1e300", 1e19), ("-1", nil), ("-9223372036854775808", nil), ("0", 0),
            ("9223372036854775807", 0x1p63), ("99999999999999999999", 1e19),
        ] as [(String, Double?)]
    )
    func hostile(number: String, value: Double?) throws {
        let fields = ["messages_sent\":10", "peers\":1", "messages\":2", "age_s\":3.25", "senders\":4"]
        var changes = fields.map { ($0, String($0.prefix { $0 != ":" }) + ":\(number)") }
        changes.append(("left_out\":0}\n", "left_out\":\(number)}\n"))
        let statistics = try read(document(changes))
        let socket = try #require(statistics.sockets.first)
        for field in ["messages_sent", "peers", "held_messages", "waiting_senders"] {
            #expect(socket.values[field] == value)
        }
        #expect((0...1_000_000).contains(statistics.leftOut))
        let sighting = Sighting(endpoint: "ipc://x", finding: .statistics(statistics), time: 1)
        for order in Table.Order.allCases {
            let table = Table([sighting, sighting], since: Rates(), by: order)
            #expect(table.lines(width: nil).count >= 3)
        }
        #expect(MetricsText.write([sighting]).contains("experimance_zmq_up"))
    }

    @Test("Of more sockets, endpoints and numbers than there can be the rest is left out")
    func bounded() throws {
        let links = Array(repeating: "{}", count: 500).joined(separator: ",")
        let counters = (0..<500).map { "\"x\($0)\":1" }.joined(separator: ",")
        let first = "{\"links\":[\(links)],\"bound\":[\(links)],\"counters\":{\(counters),\"messages_sent\":1}}"
        let sockets = [first] + Array(repeating: "{}", count: ProgramStatistics.mostSockets + 6)
        let text = "{\"version\":1,\"sockets\":[\(sockets.joined(separator: ","))],\"sockets_left_out\":5}"
        let json = try ProgramStatistics.json(of: Array(text.utf8))
        let statistics = try ProgramStatistics(json)
        #expect(statistics.sockets.count == ProgramStatistics.mostSockets)
        #expect(statistics.leftOut == 12)
        #expect(statistics.sockets[0].links.count == 64)
        #expect(statistics.sockets[0].values == ["messages_sent": 1, "age": 0])
        #expect(try ProgramStatistics(json, atMost: 0).sockets.isEmpty)
    }

    @Test("Fields of another type are taken for none, whatever they are")
    func types() throws {
        let text = """
            {"version":1,"pid":"x","program":[],"context":3,"sockets":[4,{"type":7,"number":1e300,"bound":{},"links":[5],
            "counters":[],"peers":"many","last_error":"none"}],"sockets_left_out":99999999999999999999}
            """
        let statistics = try read(Array(text.utf8))
        #expect(statistics.sockets.count == 2)
        #expect(statistics.process == 0)
        #expect(statistics.leftOut == 0)
        let sighting = Sighting(endpoint: "ipc://x", finding: .statistics(statistics), time: 1)
        #expect(Table([sighting], since: Rates(), by: .traffic).lines(width: 80).count == 3)
        #expect(MetricsText.write([sighting]).contains("experimance_zmq_up"))
    }
}
