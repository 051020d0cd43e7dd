// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQTesting
import Glibc
import TestSupport
import Testing

@testable import ExperimanceZMQ

/// A port that is taken but refuses connections, until a service binds to it.
private struct ReservedPort {
    private let peer: MisbehavingPeer
    var endpoint: String { peer.endpoint }

    init() throws { peer = try MisbehavingPeer(.refuses) }

    func release() { peer.stop() }
}

/// Shut until it is opened once.
private final class Gate: @unchecked Sendable {
    // Unchecked: a semaphore is made for several threads.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit { semaphore.deallocate() }

    func wait() { sem_wait(semaphore) }

    func open() { sem_post(semaphore) }
}

@Suite("Services that fail, come late, or come back", .watchdog)
struct LateServiceTests {
    @Test("The first attempts are refused, then the service is there", arguments: [1, 3])
    func simulatedFailures(failures: Int) throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let port = try ReservedPort()
        let subscriber = try ZMQSubscriber(options: .quickRetries(), context: context)
        try subscriber.subscribe(to: "t")
        let connecting = BackgroundTask { try subscriber.connect(port.endpoint, timeout: ample) }
        for attempt in 1...failures {
            let failed = try subscriber.awaitEvent(.failed)
            #expect(failed.attempt == attempt)
            #expect(failed.code == .refused)
        }
        port.release()
        let publisher = try ZMQPublisher(options: .quickRetries(), context: context)
        try publisher.bind(port.endpoint, timeout: ample)
        try connecting.value()
        #expect(try subscriber.statistics().connectAttempts > UInt64(failures))
        try publisher.waitForSubscribers(of: "t", timeout: ample)
        try publisher.publish([1], to: "t")
        #expect(try subscriber.receive(timeout: ample).payload == [1])
    }

    @Test("All attempts fail: their number and the delays are the policy's")
    func allFail() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let port = try ReservedPort()
        defer { port.release() }
        let subscriber = try ZMQSubscriber(options: .quickRetries(attempts: 4), context: context)
        let (error, elapsed) = failure { try subscriber.connect(port.endpoint, timeout: ample) }
        #expect(error?.code == .refused)
        #expect(error?.attempts == 4)
        #expect(elapsed >= .milliseconds(5 + 10 + 20))
        let events = subscriber.takeEvents()
        #expect(events.filter { $0.kind == .connecting }.map(\.attempt) == [1, 2, 3, 4])
        #expect(events.filter { $0.kind == .failed }.map(\.code) == [.refused, .refused, .refused, .refused])
        #expect(
            events.filter { $0.kind == .retryIn }.map(\.delay) == [5, 10, 20].map { .milliseconds($0) }
        )
    }

    @Test("The same seed gives the same delays")
    func seeded() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let port = try ReservedPort()
        defer { port.release() }
        func delays() throws -> [Duration] {
            var options = ZMQSocketOptions.quickRetries(attempts: 4)
            options.retry.jitter = .full
            options.retry.seed = 99
            let socket = try ZMQSocket(.sub, options: options, context: context)
            _ = failure { try socket.connect(port.endpoint, timeout: ample) }
            return socket.takeEvents().filter { $0.kind == .retryIn }.compactMap(\.delay)
        }
        let first = try delays()
        #expect(first.count == 3)
        #expect(try delays() == first)
    }

    @Test("A publisher that binds after its subscribers have connected")
    func latePublisher() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let port = try ReservedPort()
        let subscribers = try (0..<3).map { _ in try ZMQSubscriber(options: .quickRetries(), context: context) }
        for subscriber in subscribers {
            try subscriber.subscribe(to: "t")
            try subscriber.connectInBackground(port.endpoint)
            try subscriber.awaitEvent(.failed)
            #expect(subscriber.state == .connecting)
        }
        port.release()
        let publisher = try ZMQPublisher(options: .quickRetries(), context: context)
        try publisher.bind(port.endpoint, timeout: ample)
        try publisher.waitForSubscribers(of: "t", atLeast: 3, timeout: ample)
        try publisher.publish([1], to: "t")
        for subscriber in subscribers { #expect(try subscriber.receive(timeout: ample).payload == [1]) }
    }

    @Test("A pusher that binds late, and a puller that binds late")
    func latePipeline() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        for pusherIsLate in [true, false] {
            let port = try ReservedPort()
            let pusher = try ZMQPusher(options: .quickRetries(), context: context)
            let puller = try ZMQPuller(options: .quickRetries(), context: context)
            let (late, early): (any ZMQMessagingSocket, any ZMQMessagingSocket) =
                pusherIsLate ? (pusher, puller) : (puller, pusher)
            try early.connectInBackground(port.endpoint)
            try early.awaitEvent(.failed)
            let sender = BackgroundTask { for number in 0..<10 { try pusher.send([UInt8(number)], timeout: ample) } }
            port.release()
            try late.bind(port.endpoint, timeout: ample)
            for number in 0..<10 { #expect(try puller.receive(timeout: ample) == [UInt8(number)]) }
            try sender.value()
        }
    }

    @Test("A service within the process that is gone before who waits for it has woken has been there")
    func briefly() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let supervisor = try context.core().supervisor
        for _ in 0..<20 {
            let endpoint = Carrier.inproc.freeEndpoint
            let subscriber = try ZMQSubscriber(context: context)
            let connecting = BackgroundTask { try subscriber.connect(endpoint, timeout: .seconds(5)) }
            try subscriber.awaitEvent(.connecting)
            let publisher = try ZMQPublisher(context: context)
            // The thread that tells of the bind tells of its end next.
            let gate = Gate()
            supervisor.perform { gate.wait() }
            try publisher.bind(endpoint, timeout: ample)
            supervisor.perform { try? publisher.unbind(endpoint) }
            gate.open()
            try connecting.value()
            try subscriber.close(linger: .zero)
            try publisher.close(linger: .zero)
        }
    }

    @Test("Late over ipc and inproc", arguments: [Carrier.ipc, .inproc])
    func lateLocal(carrier: Carrier) throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let endpoint = carrier.freeEndpoint
        let subscriber = try ZMQSubscriber(options: .quickRetries(), context: context)
        try subscriber.subscribe(to: "t")
        let connecting = BackgroundTask { try subscriber.connect(endpoint, timeout: ample) }
        try subscriber.awaitEvent(.connecting)
        for round in 0..<3 {
            let publisher = try ZMQPublisher(context: context)
            try publisher.bind(endpoint, timeout: ample)
            try publisher.waitForSubscribers(of: "t", timeout: ample)
            try publisher.publish([UInt8(round)], to: "t")
            #expect(try subscriber.receive(timeout: ample).payload == [UInt8(round)])
            try publisher.close(linger: .zero)
            try subscriber.awaitEvent(.lost)
        }
        try connecting.value()
    }

    @Test("A service that comes back meets its subscriptions again, and says so in events and statistics")
    func comeback() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let subscriber = try ZMQSubscriber(options: .quickRetries(), context: context)
        try subscriber.subscribe(to: "t")
        var publisher = try ZMQPublisher(context: context)
        let endpoint = try publisher.bind("tcp://127.0.0.1:0")
        try subscriber.connect(endpoint, timeout: ample)
        for round in 1...5 {
            try publisher.close(linger: .zero)
            try subscriber.awaitEvent(.lost)
            #expect(subscriber.state == .reconnecting)
            publisher = try ZMQPublisher(options: .quickRetries(), context: context)
            try publisher.bind(endpoint, timeout: ample)
            try publisher.waitForSubscribers(of: "t", timeout: ample)
            try publisher.publish([UInt8(round)], to: "t")
            #expect(try subscriber.receive(timeout: ample).payload == [UInt8(round)])
            // A message can be faster than the news of the handshake.
            try subscriber.awaitEvent(.handshaken)
            #expect(try subscriber.statistics().reconnects == UInt64(round))
        }
    }

    @Test("What is queued for a service survives its restart")
    func queueSurvives() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pusher = try ZMQPusher(options: .quickRetries(), context: context)
        var puller = try ZMQPuller(context: context)
        let endpoint = try puller.bind("tcp://127.0.0.1:0")
        try pusher.connect(endpoint, timeout: ample)
        try pusher.send([0], timeout: ample)
        #expect(try puller.receive(timeout: ample) == [0])
        try puller.close(linger: .zero)
        try pusher.awaitEvent(.lost)
        for number in 1...100 { try pusher.send([UInt8(number)], timeout: ample) }
        puller = try ZMQPuller(options: .quickRetries(), context: context)
        try puller.bind(endpoint, timeout: ample)
        for number in 1...100 { #expect(try puller.receive(timeout: ample) == [UInt8(number)]) }
    }

    @Test("An endpoint that libzmq gives up on is brought back")
    func deadEndpoint() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        // A connected receiver whose peer sends more than it accepts: libzmq drops the link for ever.
        let puller = try ZMQPuller(options: .quickRetries().limited(to: 1_500), context: context)
        let pusher = try ZMQPusher(context: context)
        try puller.connect(pusher.bind("tcp://127.0.0.1:0"), timeout: ample)
        try pusher.send([UInt8](repeating: 1, count: 2_000), timeout: ample)
        try puller.awaitEvent(.lost)
        try puller.awaitEvent(.handshaken)
        try pusher.waitForPeers(atLeast: 1, timeout: ample)
        try pusher.send([2], timeout: ample)
        #expect(try puller.receive(timeout: ample) == [2])
    }

    @Test("A bad peer that becomes a good one is found by a background connect")
    func reformed() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let bad = try MisbehavingPeer(.http)
        let subscriber = try ZMQSubscriber(options: .quickRetries(), context: context)
        try subscriber.subscribe(to: "t")
        try subscriber.connectInBackground(bad.endpoint)
        #expect(try subscriber.awaitEvent(.failed).code == .protocolError)
        bad.stop()
        let publisher = try ZMQPublisher(options: .quickRetries(), context: context)
        try publisher.bind(bad.endpoint, timeout: ample)
        try publisher.waitForSubscribers(of: "t", timeout: ample)
        try publisher.publish([1], to: "t")
        #expect(try subscriber.receive(timeout: ample).payload == [1])
    }

    @Test("Binding waits for its address")
    func bindRetry() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let first = try ZMQPublisher(context: context)
        let endpoint = try first.bind("tcp://127.0.0.1:0")
        let second = try ZMQPublisher(options: .quickRetries(), context: context)
        let (error, elapsed) = failure { try second.bind(endpoint, timeout: .milliseconds(60)) }
        #expect(error?.code == .addressInUse)
        #expect((error?.attempts ?? 0) > 1)
        #expect(elapsed >= .milliseconds(60))
        let binding = BackgroundTask { try second.bind(endpoint, timeout: ample) }
        try second.awaitEvent(.retryIn)
        try first.close(linger: .zero)
        #expect(try binding.value() == endpoint)
    }
}

extension ZMQSocketOptions {
    fileprivate func limited(to size: Int) -> ZMQSocketOptions {
        var options = self
        options.maxMessageSize = size
        return options
    }
}
