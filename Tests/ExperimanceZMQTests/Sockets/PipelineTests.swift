// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQTesting
import TestSupport
import Testing

@testable import ExperimanceZMQ

@Suite("Pipeline", .watchdog)
struct PipelineTests {
    @Test("Messages arrive whole and in order, whoever binds, over every carrier", arguments: Carrier.allCases)
    func exchange(carrier: Carrier) throws {
        for pusherBinds in [true, false] {
            let context = try ZMQContext()
            defer { try? context.close(linger: .zero) }
            let pusher = try ZMQPusher(context: context)
            let puller = try ZMQPuller(context: context)
            if pusherBinds {
                try puller.connect(pusher.bind(carrier.freeEndpoint), timeout: ample)
            } else {
                try pusher.connect(puller.bind(carrier.freeEndpoint), timeout: ample)
            }
            let sizes = [0, 1, 33, 34, 255, 256, 8_192, 70_000, 1_000_000]
            for size in sizes {
                try pusher.send((0..<size).map { UInt8(truncatingIfNeeded: $0) }, timeout: ample)
            }
            for size in sizes {
                let message = try puller.receive(timeout: ample)
                #expect(message == (0..<size).map { UInt8(truncatingIfNeeded: $0) })
            }
            let statistics = try (pusher.statistics(), puller.statistics())
            #expect(statistics.0.messagesSent == UInt64(sizes.count))
            #expect(statistics.1.messagesReceived == UInt64(sizes.count))
            #expect(statistics.0.bytesSent == statistics.1.bytesReceived)
        }
    }

    @Test("A send without a puller waits, and is not taken")
    func nobody() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pusher = try ZMQPusher(context: context)
        try pusher.bind("tcp://127.0.0.1:0")
        let (error, elapsed) = failure { try pusher.send([1], timeout: .milliseconds(50)) }
        #expect(error?.code == .timeout)
        #expect(elapsed >= .milliseconds(50))
        #expect(try pusher.statistics().sendsRefused == 1)
        #expect(try pusher.statistics().messagesSent == 0)
    }

    @Test("A waiting send goes out when the puller comes")
    func latePuller() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pusher = try ZMQPusher(context: context)
        let endpoint = try pusher.bind("tcp://127.0.0.1:0")
        let sender = BackgroundTask { try pusher.send([42], timeout: ample) }
        let puller = try ZMQPuller(context: context)
        try puller.connect(endpoint, timeout: ample)
        #expect(try puller.receive(timeout: ample) == [42])
        try sender.value()
    }

    @Test("Nothing sent during a verified connect that fails is lost")
    func gate() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pusher = try ZMQPusher(options: .quickRetries(), context: context)
        let puller = try ZMQPuller(context: context)
        let bad = try MisbehavingPeer(.silent)
        defer { bad.stop() }
        // The attempt to the silent peer is under way while another thread sends.
        let connecting = BackgroundTask { failure { try pusher.connect(bad.endpoint, timeout: .seconds(1)) }.error }
        try pusher.awaitEvent(.connecting)
        #expect(failure { try pusher.send([1], timeout: brief) }.error?.code == .timeout)
        let sender = BackgroundTask { for number in 0..<100 { try pusher.send([UInt8(number)], timeout: ample) } }
        #expect(try connecting.value()?.code == .timeout)
        try pusher.connect(puller.bind("tcp://127.0.0.1:0"), timeout: ample)
        for number in 0..<100 { #expect(try puller.receive(timeout: ample) == [UInt8(number)]) }
        try sender.value()
    }

    @Test("Messages of several parts")
    func parts() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pusher = try ZMQSocket(.push, context: context)
        let puller = try ZMQSocket(.pull, context: context)
        try pusher.connect(puller.bind("tcp://127.0.0.1:0"), timeout: ample)
        let parts: [[UInt8]] = [[1], [], [2, 3], [UInt8](repeating: 9, count: 10_000)]
        try pusher.send(parts: parts, timeout: ample)
        try pusher.send([5], timeout: ample)
        #expect(try puller.receive(timeout: ample).parts == parts)
        #expect(try puller.receive(timeout: ample) == [5])
        #expect(failure { try pusher.send(parts: [], timeout: ample) }.error?.code == .invalid)
    }

    @Test("Many messages in one call")
    func batches() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let small = ZMQSocketOptions.with {
            $0.sendHighWaterMark = 50
            $0.receiveHighWaterMark = 50
        }
        let pusher = try ZMQSocket(.push, options: small, context: context)
        let puller = try ZMQSocket(.pull, options: small, context: context)
        try pusher.connect(puller.bind("inproc://batches"), timeout: ample)
        let messages = (0..<1_000).map { [UInt8](repeating: UInt8($0 % 256), count: $0 % 7) }
        let sent = try pusher.send(contentsOf: messages, timeout: brief)
        #expect(sent > 0 && sent < messages.count)
        var received: [[UInt8]] = []
        while received.count < sent { received += try puller.receiveBatch(timeout: ample).map { [UInt8]($0) } }
        #expect(received == Array(messages[..<sent]))
        #expect(failure { _ = try puller.receiveBatch(timeout: brief) }.error?.code == .timeout)
        #expect(try pusher.send(contentsOf: [[UInt8]]()) == 0)
        #expect(failure { _ = try puller.send(contentsOf: [[1]]) }.error?.code == .notSupported)
    }

    @Test("A batch of messages that are large ends before there is no memory left, and loses none")
    func largeBatches() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pusher = try ZMQSocket(.push, context: context)
        let puller = try ZMQSocket(.pull, context: context)
        try pusher.connect(puller.bind("inproc://large batches"), timeout: ample)
        let size = BatchBuilder.heldRoom / 4 + 1
        for number in 0..<6 { try pusher.send([UInt8](repeating: UInt8(number), count: size), timeout: ample) }
        let first = try puller.receiveBatch(timeout: ample)
        #expect((1...4).contains(first.count))
        var received = first.map { [UInt8]($0) }
        while received.count < 6 { received += try puller.receiveBatch(timeout: ample).map { [UInt8]($0) } }
        #expect(received.map(\.first) == [0, 1, 2, 3, 4, 5])
        #expect(received.allSatisfy { $0.count == size })
    }

    @Test("A message over the limit is refused here, and cuts the link of a peer that sends it")
    func tooLarge() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let small = ZMQSocketOptions.with { $0.maxMessageSize = 2_000 }
        let pusher = try ZMQPusher(options: small, context: context)
        let puller = try ZMQPuller(options: small, context: context)
        let endpoint = try puller.bind("tcp://127.0.0.1:0")
        try pusher.connect(endpoint, timeout: ample)
        let large = [UInt8](repeating: 1, count: 2_001)
        #expect(failure { try pusher.send(large, timeout: ample) }.error?.code == .tooLarge)
        try pusher.send(large.dropLast(), timeout: ample)
        #expect(try puller.receive(timeout: ample).count == 2_000)
        let rude = try ZMQPusher(context: context)
        try rude.connect(endpoint, timeout: ample)
        try rude.send(large, timeout: ample)
        try puller.awaitEvent(.lost)
        try pusher.send([1], timeout: ample)
        #expect(try puller.receive(timeout: ample) == [1])
    }
}
