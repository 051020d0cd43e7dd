// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQTesting
import Testing

@testable import ExperimanceZMQ

@Suite("A proxy forwards messages between two sockets", .watchdog(seconds: 300))
struct ProxyTests {
    @Test(
        "A pipeline is forwarded in order, what was received ahead first",
        arguments: Carrier.allCases
    )
    func pipeline(carrier: Carrier) async throws {
        let (front, back) = (try ZMQPuller(), try ZMQPusher())
        let (pusher, puller) = (try ZMQPusher(), try ZMQPuller())
        try await pusher.connect(front.bind(carrier.freeEndpoint, timeout: ample), timeout: ample)
        try await puller.connect(back.bind(carrier.freeEndpoint, timeout: ample), timeout: ample)
        try await pusher.send(contentsOf: (0..<500).map { bytes(of: $0) }, timeout: ample)
        #expect(try await front.receive(timeout: ample).number == 0)
        let proxy = try ZMQProxy(front: front, back: back)
        for number in 1..<500 { #expect(try await puller.receive(timeout: ample).number == number) }
        try await proxy.close(timeout: ample)
        #expect(proxy.statistics.messagesToBack == 499)
        #expect(proxy.statistics.state == .ended)
        #expect(proxy.statistics.reason == nil)
        #expect(try front.statistics().messagesReceived == 500)
    }

    @Test("Waits for subscriptions work across it")
    func subscriptions() async throws {
        let (front, back) = (try ZMQSocket(.xsub), try ZMQSocket(.xpub))
        let (publisher, subscriber) = (try ZMQPublisher(), try ZMQSubscriber())
        let proxy = try ZMQProxy(front: front, back: back)
        try await publisher.connect(front.bind("tcp://127.0.0.1:0", timeout: ample), timeout: ample)
        try await subscriber.connect(back.bind("tcp://127.0.0.1:0", timeout: ample), timeout: ample)
        try subscriber.subscribe(to: "news")
        try await publisher.waitForSubscribers(of: "news", timeout: ample)
        try await subscriber.waitForSubscriptions(timeout: ample)
        try await publisher.publish("rain".utf8, to: "news", timeout: ample)
        #expect(try await subscriber.receive(timeout: ample).text == "rain")
        #expect(proxy.statistics.state == .forwarding)
    }

    @Test("While it pauses the caller receives, and afterwards it goes on")
    func pause() async throws {
        let (front, back, tap) = (try ZMQPuller(), try ZMQPusher(), try ZMQSocket(.pair))
        let (pusher, puller, copies) = (try ZMQPusher(), try ZMQPuller(), try ZMQSocket(.pair))
        try await pusher.connect(front.bind("tcp://127.0.0.1:0", timeout: ample), timeout: ample)
        try await puller.connect(back.bind("tcp://127.0.0.1:0", timeout: ample), timeout: ample)
        try await copies.connect(tap.bind(Carrier.inproc.freeEndpoint, timeout: ample), timeout: ample)
        let proxy = try ZMQProxy(front: front, back: back, capture: tap)
        try await proxy.pause(timeout: ample)
        #expect(proxy.statistics.state == .paused)
        try await pusher.send(contentsOf: [bytes(of: 1), bytes(of: 2)], timeout: ample)
        #expect(try await front.receive(timeout: ample).number == 1)
        try proxy.resume()
        #expect(try await puller.receive(timeout: ample).number == 2)
        #expect(try await copies.receive(timeout: ample).number == 2)
    }

    @Test("It is refused with the reason, and ends with a socket")
    func refusals() async throws {
        let (front, back, subscriber) = (try ZMQPuller(), try ZMQPusher(), try ZMQSubscriber())
        let types = #expect(throws: ZMQSocketError.self) { _ = try ZMQProxy(front: front, back: subscriber) }
        #expect(types?.code == .notSupported)
        #expect(types?.message.contains("PULL and SUB") == true)
        let twice = #expect(throws: ZMQSocketError.self) { _ = try ZMQProxy(front: front, back: front) }
        #expect(twice?.code == .invalid)
        let proxy = try ZMQProxy(front: front, back: back)
        let other = #expect(throws: ZMQSocketError.self) { _ = try ZMQProxy(front: front, back: back) }
        #expect(other?.code == .state)
        await #expect(throws: ZMQSocketError.self) { try await proxy.pause(timeout: .seconds(-1)) }
        try await back.close()
        try await proxy.close(timeout: ample)
        try await proxy.close(timeout: ample)
        #expect(proxy.statistics.state == .ended)
        let ended = #expect(throws: ZMQSocketError.self) { try proxy.resume() }
        #expect(ended?.code == .state)
    }

    @Test("One that nobody refers to ends, and gives the sockets back")
    func forgotten() async throws {
        let (front, back) = (try ZMQPuller(), try ZMQPusher())
        for _ in 0..<10 {
            _ = try ZMQProxy(front: front, back: back)
            let end = ContinuousClock.now + ampleTime
            while true {
                do {
                    try await ZMQProxy(front: front, back: back).close(timeout: ample)
                    break
                } catch {
                    // Its thread has not heard of it yet.
                    guard error.code == .state, ContinuousClock.now < end else { throw error }
                    await Task.yield()
                }
            }
        }
    }
}

@Suite("What is on its way through a proxy")
struct BurstTests {
    private func message(_ parts: String...) throws -> ReceivedMessage {
        try #require(ReceivedMessage(copying: parts.map { Array($0.utf8) }))
    }

    @Test("Messages come out as they went in, and back the newest first")
    func order() throws {
        let burst = try #require(Burst())
        #expect(burst.isEmpty && burst.next == nil)
        burst.hold(try message("one", "and more"))
        burst.hold(try message("two"))
        #expect(burst.count == 2)
        #expect(try #require(burst.next) == (11, 2))
        let copies = try #require(Burst())
        #expect(copies.addCopy(ofFirstIn: burst))
        #expect(copies.count == 1)
        copies.removeLast()
        #expect(copies.isEmpty)
        var taken: [Int?] = []
        burst.takeAll(believesUserIDs: false) { taken.append($0?.totalSize) }
        #expect(taken == [3, 11])
        #expect(burst.isEmpty)
    }

    @Test("It takes no more than its share")
    func limits() throws {
        let burst = try #require(Burst())
        for _ in 0..<256 {
            #expect(burst.hasRoom)
            burst.hold(try message("x"))
        }
        #expect(!burst.hasRoom)
        burst.removeAll()
        burst.hold(try message(String(repeating: "x", count: 256 << 10)))
        #expect(!burst.hasRoom)
    }

    @Test("Types that can be forwarded to each other, either way round")
    func plan() {
        let pairs: [Set<ZMQSocketType>] = [[.xsub, .xpub], [.router, .dealer], [.pull, .push]]
        for front in ZMQSocketType.allCases {
            for back in ZMQSocketType.allCases {
                let isGood = (try? ForwardingPlan.check(front: front, back: back)) != nil
                #expect(isGood == pairs.contains([front, back]), "\(front.name) and \(back.name)")
            }
        }
    }
}
