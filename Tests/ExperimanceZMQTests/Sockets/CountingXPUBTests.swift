// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Subscribers of an XPUB", .watchdog)
struct CountingXPUBTests {
    private static let notice = [UInt8]([1]) + Array("weather".utf8)

    @Test("They are counted, and their notices received as ever")
    func threads() throws {
        for carrier in Carrier.allCases {
            let context = try ZMQContext()
            defer { try? context.close(linger: .zero) }
            let xpub = try ZMQSocket(.xpub, context: context)
            let endpoint = try xpub.bind(carrier.freeEndpoint)
            let subscribers = [try ZMQSubscriber(context: context), try ZMQSubscriber(context: context)]
            for subscriber in subscribers {
                try subscriber.subscribe(to: "weather")
                try subscriber.connect(endpoint, timeout: ample)
            }
            try xpub.waitForSubscribers(of: "weather.today", atLeast: 2, timeout: ample)
            #expect(failure { try xpub.waitForSubscribers(of: "weather", atLeast: 3, timeout: .zero) } == .timeout)
            let received = try xpub.receive(timeout: ample)
            #expect(received == Self.notice)
            #expect(failure { _ = try xpub.receive(timeout: .zero) } == .timeout, "the second one is not told")
        }
    }

    @Test("A task that waits for them is woken by them, whoever receives the notices meanwhile")
    func tasks() async throws {
        let context = try ZMQContext()
        let xpub = try ZMQSocket(.xpub, context: context)
        let endpoint = try await xpub.bind("tcp://127.0.0.1:*")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await xpub.waitForSubscribers(of: "weather", timeout: ample) }
            group.addTask {
                let received = try await xpub.receive(timeout: ample)
                #expect(received == Self.notice)
            }
            let subscriber = try ZMQSubscriber(context: context)
            try subscriber.subscribe(to: "weather")
            try await subscriber.connect(endpoint, timeout: ample)
            try await group.waitForAll()
            try await subscriber.close()
        }
        try await xpub.close()
        try await context.close(linger: .zero)
    }

    @Test("Which notices are told", arguments: [(false, false), (true, false), (true, true)])
    func rule(each: Bool, eachEnd: Bool) {
        let rule = NoticeRule(tellsEachSubscription: each, tellsEachEnd: eachEnd)
        #expect(rule.tells(ofSubscription: true, before: 0, after: 1))
        #expect(rule.tells(ofSubscription: true, before: 1, after: 2) == each)
        #expect(rule.tells(ofSubscription: false, before: 2, after: 1) == eachEnd)
        #expect(rule.tells(ofSubscription: false, before: 1, after: 0))
        #expect(rule.tells(ofSubscription: false, before: 1, after: 1), "of what the peer never had")
    }

    private func failure(_ body: () throws -> Void) -> ZMQSocketError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ZMQSocketError)?.code
        }
    }
}
