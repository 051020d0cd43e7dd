// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import ExperimanceZMQ

@Suite("Publish and subscribe", .watchdog)
struct PublishSubscribeTests {
    @Test("A message arrives, whoever binds, over every carrier and in both wire forms")
    func exchange() throws {
        for carrier in Carrier.allCases {
            for form in [ZMQSocketOptions.WireForm.multipart, .space] {
                for publisherBinds in [true, false] {
                    let context = try ZMQContext()
                    defer { try? context.close(linger: .zero) }
                    let options = ZMQSocketOptions.with { $0.wireForm = form }
                    let publisher = try ZMQPublisher(options: options, context: context)
                    let subscriber = try ZMQSubscriber(options: options, context: context)
                    try subscriber.subscribe(to: "weather")
                    let (binder, connecter): (any ZMQMessagingSocket, any ZMQMessagingSocket) =
                        publisherBinds ? (publisher, subscriber) : (subscriber, publisher)
                    let endpoint = try binder.bind(carrier.freeEndpoint)
                    try connecter.connect(endpoint, timeout: ample)
                    try publisher.waitForSubscribers(of: "weather", timeout: ample)
                    try publisher.publish("sunny all day".utf8, to: "weather")
                    let message = try subscriber.receive(timeout: ample)
                    #expect(message.topic == "weather" && message.text == "sunny all day")
                }
            }
        }
    }

    @Test("Topics select by prefix, and the next publish after waitSubscribers arrives")
    func prefixes() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let publisher = try ZMQPublisher(context: context)
        let subscriber = try ZMQSubscriber(context: context)
        try subscriber.subscribe(to: "a.b")
        try subscriber.connect(publisher.bind("tcp://127.0.0.1:0"), timeout: ample)
        try publisher.waitForSubscribers(of: "a.b.c", timeout: ample)
        for topic in ["a", "a.c", "a.b", "b", "a.b.c"] { try publisher.publish([1], to: topic) }
        #expect(try subscriber.receive(timeout: ample).topic == "a.b")
        #expect(try subscriber.receive(timeout: ample).topic == "a.b.c")
        #expect(throws: ZMQSocketError.self) { try subscriber.receive(timeout: brief) }
        #expect(throws: ZMQSocketError.self) { try publisher.waitForSubscribers(of: "a", timeout: brief) }
    }

    @Test("waitSubscribers counts subscribers, and sees them go")
    func counting() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let publisher = try ZMQPublisher(context: context)
        let endpoint = try publisher.bind("tcp://127.0.0.1:0")
        let subscribers = try (0..<3).map { _ in try ZMQSubscriber(context: context) }
        for subscriber in subscribers {
            try subscriber.subscribe(to: "")
            try subscriber.subscribe(to: "t")
            try subscriber.connect(endpoint, timeout: ample)
        }
        try publisher.waitForSubscribers(of: "t", atLeast: 3, timeout: ample)
        let (error, _) = failure { try publisher.waitForSubscribers(of: "t", atLeast: 4, timeout: brief) }
        #expect(error?.code == .timeout)
        try subscribers[0].close(linger: .zero)
        try publisher.awaitEvent(.subscriberLeft)
        try publisher.awaitEvent(.subscriberLeft)
        #expect(
            failure { try publisher.waitForSubscribers(of: "t", atLeast: 3, timeout: .zero) }.error?.code == .timeout
        )
        try publisher.waitForSubscribers(of: "t", atLeast: 2, timeout: .zero)
    }

    @Test("waitSubscribed proves that subscriptions are in force: every first message arrives")
    func firstMessages() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let publisher = try ZMQPublisher(context: context)
        let endpoint = try publisher.bind("tcp://127.0.0.1:0")
        for round in 0..<50 {
            let subscriber = try ZMQSubscriber(context: context)
            try subscriber.subscribe(to: "topic-\(round)")
            try subscriber.connect(endpoint, timeout: ample)
            try subscriber.waitForSubscriptions(timeout: ample)
            try publisher.publish([UInt8(round)], to: "topic-\(round)")
            #expect(try subscriber.receive(timeout: ample).payload == [UInt8(round)])
            try subscriber.close(linger: .zero)
        }
    }

    @Test("waitSubscribed keeps what arrives meanwhile, in order, and asks every publisher")
    func waitSubscribedKeeps() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let publishers = try (0..<2).map { _ in try ZMQPublisher(context: context) }
        let subscriber = try ZMQSubscriber(context: context)
        try subscriber.subscribe(to: "x")
        for publisher in publishers { try subscriber.connect(publisher.bind("tcp://127.0.0.1:0"), timeout: ample) }
        try subscriber.waitForSubscriptions(timeout: ample)
        for number in 0..<100 { try publishers[0].publish([UInt8(number)], to: "x") }
        try subscriber.subscribe(to: "y")
        try subscriber.waitForSubscriptions(timeout: ample)
        for publisher in publishers { try publisher.publish([200], to: "y") }
        let received = try (0..<102).map { _ in try subscriber.receive(timeout: ample) }
        #expect(received.filter { $0.topic == "x" }.map(\.payload) == (0..<100).map { [UInt8($0)] })
        #expect(received.filter { $0.topic == "y" }.count == 2)
        // Nobody else gets to see the probes.
        #expect(failure { _ = try subscriber.receive(timeout: brief) }.error?.code == .timeout)
    }

    @Test("waitSubscribed at a publisher that does not answer is not supported; without one it is a time-out")
    func waitSubscribedForeign() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let foreign = try ZMQSocket(.xpub, context: context)
        let subscriber = try ZMQSubscriber(context: context)
        try subscriber.subscribe(to: "x")
        #expect(failure { try subscriber.waitForSubscriptions(timeout: brief) }.error?.code == .timeout)
        try subscriber.connect(foreign.bind("tcp://127.0.0.1:0"), timeout: ample)
        let (error, elapsed) = failure { try subscriber.waitForSubscriptions(timeout: .milliseconds(200)) }
        #expect(error?.code == .notSupported)
        #expect(elapsed >= .milliseconds(200))
    }

    @Test("Subscriptions are events at the publisher")
    func events() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let publisher = try ZMQPublisher(context: context)
        let subscriber = try ZMQSubscriber(context: context)
        try subscriber.connect(publisher.bind("tcp://127.0.0.1:0"), timeout: ample)
        try subscriber.subscribe(to: "t")
        let joined = try publisher.awaitEvent(.subscriberJoined)
        #expect(joined.topic == Array("t".utf8))
        #expect(joined.count == 1)
        try subscriber.unsubscribe(from: "t")
        #expect(try publisher.awaitEvent(.subscriberLeft).count == 0)
    }

    @Test("Ten thousand topics reach the publisher, also when it comes back")
    func manyTopics() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let topics = (0..<10_000).map { "topic/\($0)/" }
        let options = ZMQSocketOptions.with { $0.receiveHighWaterMark = nil }
        let subscriber = try ZMQSubscriber(options: options, context: context)
        for topic in topics { try subscriber.subscribe(to: topic) }
        let unlimited = ZMQSocketOptions.with { $0.sendHighWaterMark = nil }
        var publisher = try ZMQPublisher(options: unlimited, context: context)
        let endpoint = try publisher.bind("tcp://127.0.0.1:0")
        try subscriber.connectInBackground(endpoint)
        for round in 0..<2 {
            try subscriber.waitForPeers(atLeast: 1, timeout: ample)
            try subscriber.waitForSubscriptions(timeout: ample)
            try publisher.waitForSubscribers(of: topics[9_999], timeout: ample)
            for topic in topics { try publisher.publish([UInt8(round)], to: topic) }
            var missing = Set(topics)
            for _ in topics { try subscriber.receive(timeout: ample).topic.map { _ = missing.remove($0) } }
            #expect(missing.isEmpty)
            guard round == 0 else { break }
            try publisher.close(linger: .zero)
            try subscriber.awaitEvent(.lost)
            publisher = try ZMQPublisher(options: unlimited, context: context)
            try publisher.bind(endpoint, timeout: ample)
        }
    }

    @Test("A publisher that is to wait does not drop: a slow subscriber gets everything")
    func onFullWait() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let options = ZMQSocketOptions.with {
            $0.onFull = .wait
            $0.sendHighWaterMark = 5
            $0.receiveHighWaterMark = 5
            $0.sendBuffer = 4096
            $0.receiveBuffer = 4096
        }
        let publisher = try ZMQPublisher(options: options, context: context)
        let subscriber = try ZMQSubscriber(options: options, context: context)
        try subscriber.subscribe(to: "")
        try subscriber.connect(publisher.bind("tcp://127.0.0.1:0"), timeout: ample)
        try publisher.waitForSubscribers(of: "", timeout: ample)
        let payload = [UInt8](repeating: 7, count: 2_000)
        // With nobody reading it fills up and says so.
        var accepted = 0
        while failure(of: { try publisher.publish(payload, to: "t", timeout: .zero) }).error == nil { accepted += 1 }
        #expect(accepted > 0)
        let total = accepted + 500
        let reader = BackgroundTask { for _ in 0..<total { _ = try subscriber.receive(timeout: ample) } }
        for _ in 0..<500 { try publisher.publish(payload, to: "t", timeout: ample) }
        try reader.value()
    }
}
