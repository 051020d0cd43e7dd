// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Waits that are cancelled at random moments", .serialized, .watchdog(seconds: 300))
struct CancelledWaitTests {
    @Test("For peers")
    func peers() async throws {
        let context = try ZMQContext()
        let puller = try ZMQPuller(context: context)
        let pusher = try ZMQPusher(context: context)
        let endpoint = try await puller.bind(Carrier.inproc.freeEndpoint)
        for round in 0..<cancellations {
            let comes = round % 4 == 0
            let isThere: Void? = try await cancelledAtRandom {
                try await puller.waitForPeers(timeout: ample)
            } meanwhile: {
                if comes { try await pusher.connect(endpoint, timeout: ample) }
            }
            if isThere != nil { #expect(comes) }
            if comes {
                try await puller.waitForPeers(timeout: ample)
                try pusher.disconnect(endpoint)
                // The other side hears of it a moment later.
                while try puller.statistics().peers > 0 { _ = try await puller.nextEvent(timeout: ample) }
            }
        }
        try await context.close(linger: .zero)
    }

    @Test("For subscribers, and for subscriptions")
    func subscriptions() async throws {
        let context = try ZMQContext()
        let publisher = try ZMQPublisher(context: context)
        let subscriber = try ZMQSubscriber(context: context)
        try await subscriber.connect(publisher.bind(Carrier.inproc.freeEndpoint), timeout: ample)
        for round in 0..<cancellations {
            let topic = "\(round)"
            _ = try await cancelledAtRandom {
                try await publisher.waitForSubscribers(of: topic, timeout: ample)
            } meanwhile: {
                try subscriber.subscribe(to: topic)
            }
            try await publisher.waitForSubscribers(of: topic, timeout: ample)
            let isInForce: Void? = try await cancelledAtRandom {
                try await subscriber.waitForSubscriptions(timeout: ample)
            }
            if isInForce != nil { try await publisher.waitForSubscribers(of: topic, timeout: .zero) }
            try subscriber.unsubscribe(from: topic)
        }
        try subscriber.subscribe(to: "t")
        try await subscriber.waitForSubscriptions(timeout: ample)
        try await publisher.publish([1], to: "t", timeout: ample)
        #expect(try await subscriber.receive(timeout: ample).payload == [1])
        try await context.close(linger: .zero)
    }

    @Test("For events: each comes once", arguments: [false, true])
    func events(asSequence: Bool) async throws {
        let context = try ZMQContext()
        let socket = try ZMQSocket(.pull, context: context)
        var (made, seen): (Int, [Int]) = (0, [])
        for _ in 0..<cancellations(among: 2) {
            let events = try await cancelledAtRandom {
                guard asSequence else { return [try await socket.nextEvent(timeout: ample).attempt ?? 0] }
                var events: [Int] = []
                for try await event in socket.events { events.append(event.attempt ?? 0) }
                return events
            } meanwhile: {
                guard Bool.random(), made - seen.count < 100 else { return }
                made += 1
                try socket.handle.withCore { $0.report(ZMQEvent(.connecting, attempt: made)) }
            }
            seen += events ?? []
        }
        while seen.count < made { seen.append(try await socket.nextEvent(timeout: ample).attempt ?? 0) }
        #expect(seen == Array(1..<made + 1))
        try await context.close(linger: .zero)
    }
}
