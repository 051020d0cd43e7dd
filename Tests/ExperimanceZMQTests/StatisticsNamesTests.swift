// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import ExperimanceZMQ

@Suite("Names of statistics")
struct StatisticsNamesTests {
    /// The fields of a struct of the C header, but its size.
    private func fields(of name: String) throws -> Set<String> {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../include")
        let text = try String(contentsOf: root.appending(path: "experimance_zmq.h"), encoding: .utf8)
        let start = try #require(text.range(of: "typedef struct \(name) {"))
        let end = try #require(text.range(of: "} \(name);", range: start.upperBound..<text.endIndex))
        let lines = text[start.upperBound..<end.lowerBound].split(separator: "\n")
        let names = lines.compactMap { $0.firstMatch(of: /^    \w+ (\w+);$/)?.1 }
        return Set(names.map(String.init)).subtracting(["size"])
    }

    /// What a value of Swift's has, as C writes it.
    private func names(in value: Any) -> Set<String> {
        Set(
            Mirror(reflecting: value).children.compactMap { child in
                child.label?.replacing(/[A-Z]/) { "_" + $0.output.lowercased() }
            }
        )
    }

    @Test("Swift has what C has, under the same names")
    func same() throws {
        #expect(names(in: ZMQStatistics()) == (try fields(of: "exz_stats")))
        #expect(names(in: ZMQProxy.Statistics(ForwardingStatistics())) == (try fields(of: "exz_proxy_statistics")))
        #expect(
            names(in: ZMQAuthenticator.Statistics(AuthenticatorStatistics()))
                == (try fields(of: "exz_authenticator_statistics"))
        )
    }
}
