// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import ExperimanceZMQ

/// An endpoint that is refused, as all languages are tested with it.
struct BadEndpoint: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let text: String
    let uses: [Endpoint.Use]
    let code: ZMQSocketError.Code
    let phrase: String

    init(_ line: DataLine) throws {
        testDescription = line.description
        text = try line.text(line.columns[0])
        let uses: [String: [Endpoint.Use]] = ["both": [.bind, .connect], "bind": [.bind], "connect": [.connect]]
        self.uses = try line.require(uses[line.columns[1]], "there is no use \(line.columns[1])")
        code = try line.code(line.columns[2])
        phrase = line.columns[3]
    }

    static func all() throws -> [BadEndpoint] {
        try DataLine.read("bad-endpoints.tsv", columns: 5).map(BadEndpoint.init)
    }
}

@Suite("Bad endpoints", .watchdog)
struct BadEndpointTests {
    @Test("What is no endpoint is not read as one", arguments: try BadEndpoint.all())
    func read(bad: BadEndpoint) {
        for use in bad.uses {
            let error = #expect(throws: ZMQSocketError.self) { try Endpoint(bad.text, for: use) }
            #expect(error?.code == bad.code)
            #expect(error?.message.contains(bad.phrase) == true, "\(error?.message ?? "")")
            #expect(error.map { ExactText($0.endpoint ?? "") } == ExactText(bad.text))
        }
    }

    @Test("Sockets refuse it with a word of why, and go on as before", arguments: try BadEndpoint.all())
    func refused(bad: BadEndpoint) throws {
        let bench = try Bench()
        defer { try? bench.context.close(linger: .zero) }
        let before = bench.states
        var errors: [ZMQSocketError?] = []
        if bad.uses.contains(.bind) { errors.append(failure { try bench.puller.bind(bad.text) }.error) }
        if bad.uses.contains(.connect) {
            errors.append(failure { try bench.puller.connect(bad.text) }.error)
            errors.append(failure { try bench.puller.connectInBackground(bad.text) }.error)
        }
        if bad.uses.count == 2 {
            errors.append(failure { try bench.puller.unbind(bad.text) }.error)
            errors.append(failure { try bench.pusher.disconnect(bad.text) }.error)
        }
        for error in errors {
            #expect(error?.code == bad.code)
            #expect(error?.message.contains(bad.phrase) == true, "\(error?.message ?? "")")
        }
        #expect(bench.states == before)
        #expect(try bench.peers() == [1, 1, 1, 1])
        #expect(try bench.works())
    }
}
