// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import ExperimanceZMQ

/// What a status is called and means, as all languages are tested with it.
struct StatusTexts: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let number: Int32
    let name: String
    let explanation: String
    let isRetryable: Bool

    init(_ line: DataLine) throws {
        testDescription = line.description
        number = try line.require(Int32(line.columns[0]), "\(line.columns[0]) is no number")
        name = line.columns[1]
        if name != "EXZ_ERR_UNKNOWN" { _ = try line.code(name) }
        explanation = line.columns[2]
        let isRetryable = ["again": true, "final": false][line.columns[3]]
        self.isRetryable = try line.require(isRetryable, "\(line.columns[3]) is neither again nor final")
    }

    static func all() throws -> [StatusTexts] {
        try DataLine.read("statuses.tsv", columns: 5).map(StatusTexts.init)
    }
}

@Suite("Error codes", .watchdog)
struct ErrorCodeTests {
    @Test("A number has its name and its explanation, and is tried again or not", arguments: try StatusTexts.all())
    func texts(of status: StatusTexts) {
        let code = ZMQSocketError.Code(rawValue: status.number)
        #expect(code.name == status.name)
        #expect(code.explanation == status.explanation)
        #expect(code.isRetryable == status.isRetryable)
        if let constant = ZMQSocketError.Code.constants[status.name] { #expect(code == constant) }
    }

    @Test("Those that are known are all of them, in the order of their numbers, each with words of its own")
    func known() throws {
        let named = try StatusTexts.all().filter { $0.name != "EXZ_ERR_UNKNOWN" }
        let known = [.ok] + ZMQSocketError.Code.allKnown
        #expect(known.map(\.name) == named.map(\.name))
        #expect(known.map(\.rawValue) == (0..<26).map { -$0 })
        #expect(Set(known.map(\.explanation)).count == 26)
    }

    @Test("The constants are those of the C header, by name and number")
    func header() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../include")
        let text = try String(contentsOf: root.appending(path: "experimance_zmq.h"), encoding: .utf8)
        var found = 0
        for line in text.split(separator: "\n") {
            guard let match = line.firstMatch(of: /^ +(EXZ_OK|EXZ_ERR_[A-Z_]+) = (-?[0-9]+),?$/) else { continue }
            found += 1
            let code = ZMQSocketError.Code.constants[String(match.1)]
            #expect(code?.rawValue == Int32(match.2), "\(match.1)")
            #expect(code?.name == String(match.1))
        }
        #expect(found == ZMQSocketError.Code.constants.count)
    }
}
