// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Requests that are cancelled at random moments", .serialized, .watchdog(seconds: 300))
struct CancelledRequestTests {
    @Test("Each answer is that of its own request, and none is executed twice", arguments: Carrier.allCases)
    func answers(carrier: Carrier) async throws {
        let context = try ZMQContext()
        let replier = try ZMQReplier(context: context)
        let requester = try ZMQRequester(context: context)
        try await requester.connect(replier.bind(carrier.freeEndpoint), timeout: ample)
        let server = Task {
            var seen: [Int] = []
            for try await request in replier.messages {
                seen.append(request.number)
                if Int.random(in: 0..<4) == 0 { await randomMoment() }
                try await replier.reply(request, timeout: ample)
            }
            return seen
        }
        var answered: [Int] = []
        for number in 0..<cancellations(among: Carrier.allCases.count) {
            let answer = try await cancelledAtRandom { try await requester.request(bytes(of: number), timeout: ample) }
            guard let answer else { continue }
            #expect(answer.number == number)
            answered.append(number)
        }
        #expect(try await requester.request(bytes(of: -1), timeout: ample).number == -1)
        server.cancel()
        let seen = try await server.value
        #expect(Set(seen).count == seen.count)
        #expect(Set(answered).isSubset(of: seen))
        try await context.close(linger: .zero)
    }

    @Test("Several tasks on one socket", arguments: [Carrier.tcp, .inproc])
    func together(carrier: Carrier) async throws {
        let context = try ZMQContext()
        let replier = try ZMQReplier(context: context)
        let requester = try ZMQRequester(context: context)
        try await requester.connect(replier.bind(carrier.freeEndpoint), timeout: ample)
        let server = Task {
            for try await request in replier.messages { try await replier.reply(request, timeout: ample) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for start in 0..<4 {
                group.addTask {
                    for round in 0..<cancellations(among: 8) {
                        let number = 4 * round + start
                        let answer = try await cancelledAtRandom {
                            try await requester.request(bytes(of: number), timeout: ample)
                        }
                        if let answer { #expect(answer.number == number) }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await requester.request(bytes(of: -1), timeout: ample).number == -1)
        server.cancel()
        try await server.value
        try await context.close(linger: .zero)
    }
}
