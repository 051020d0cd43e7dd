// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import ExperimanceZMQTesting
import Synchronization
import Testing

/// Sending what was received, what is lent and what lies somewhere; and who sent it.
@Suite struct NotCopyingTests {
    /// Two sockets with a link between them, over tcp.
    private static func link(_ options: ZMQSocketOptions = ZMQSocketOptions()) async throws -> (ZMQPuller, ZMQPusher) {
        let puller = try ZMQPuller(options: options)
        let pusher = try ZMQPusher()
        try await pusher.connect(try await puller.bind("tcp://127.0.0.1:0"))
        return (puller, pusher)
    }

    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 3) }
    }

    @Test(arguments: [0, 1, 33, 2_047, 2_048, 70_000, 3 << 20]) func aReceivedMessageGoesOn(size: Int) async throws {
        let (puller, pusher) = try await Self.link()
        let (last, forwarder) = try await Self.link()
        let parts = [[1, 2, 3], Self.bytes(size), Self.bytes(size / 2)]
        for sent in [parts, [parts[1]]] {
            try await pusher.send(parts: sent)
            let message = try await puller.receive()
            try await forwarder.send(message)
            // It is still there, and goes on as often as one likes.
            try await forwarder.send(message)
            #expect(message.parts == sent)
            #expect(try await last.receive().parts == sent)
            #expect(try await last.receive().parts == sent)
        }
        for socket in [puller, last] { try await socket.close() }
        for socket in [pusher, forwarder] { try await socket.close() }
    }

    @Test func severalTasksSendTheSameMessageOn() async throws {
        let (puller, pusher) = try await Self.link()
        let (last, forwarder) = try await Self.link()
        try await pusher.send(Self.bytes(100_000))
        let message = try await puller.receive()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { try await forwarder.send(message) } }
            for _ in 0..<20 { #expect(try await last.receive() == message) }
            try await group.waitForAll()
        }
        try await puller.close()
        try await pusher.close()
        try await last.close()
        try await forwarder.close()
    }

    @Test func aMessageOfOnesOwnIsSentWithAllItsParts() async throws {
        let (puller, pusher) = try await Self.link()
        try await pusher.send(ZMQMessage(parts: [[1], [2, 2]]))
        #expect(try await puller.receive().parts == [[1], [2, 2]])
        try await puller.close()
        try await pusher.close()
    }

    @Test func aSpanIsSentAsItIs() async throws {
        let (puller, pusher) = try await Self.link()
        let bytes = Self.bytes(5_000)
        try await pusher.send(bytes.span.bytes)
        #expect(try await Array(puller.receive()) == bytes)
        try await puller.close()
        try await pusher.close()
    }

    /// Counts how often it was called.
    private final class Release: Sendable {
        private let count = Atomic<Int>(0)
        private let called = AsyncStream<Void>.makeStream()

        func call() {
            count.wrappingAdd(1, ordering: .relaxed)
            called.continuation.yield()
        }

        var times: Int { count.load(ordering: .relaxed) }

        func wait() async {
            for await _ in called.stream { return }
        }
    }

    @Test(arguments: [0, 1, 100, 3 << 20]) func lentMemoryComesBackOnce(size: Int) async throws {
        let (puller, pusher) = try await Self.link()
        let bytes = Self.bytes(size)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
        memory.copyBytes(from: bytes)
        let release = Release()
        try await pusher.send(lending: UnsafeRawBufferPointer(memory)) { release.call() }
        #expect(try await Array(puller.receive()) == bytes)
        await release.wait()
        try await puller.close()
        try await pusher.close()
        #expect(release.times == 1)
        memory.deallocate()
    }

    @Test func whatCouldNotBeSentIsNotReleased() async throws {
        let pusher = try ZMQPusher()
        let release = Release()
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 10, alignment: 1)
        await #expect {
            try await pusher.send(lending: UnsafeRawBufferPointer(memory), timeout: .seconds(0)) { release.call() }
        } throws: { ($0 as? ZMQSocketError)?.code == .timeout }
        let waiting = Task {
            try await pusher.send(lending: UnsafeRawBufferPointer(start: nil, count: 0), timeout: .untilCancelled) {
                release.call()
            }
        }
        waiting.cancel()
        await #expect { try await waiting.value } throws: { ($0 as? ZMQSocketError)?.code == .canceled }
        try await pusher.close()
        #expect(release.times == 0)
        memory.deallocate()
    }

    @Test(arguments: [0, 10, 5_000]) func aMessageTellsWhoSentIt(size: Int) async throws {
        var options = ZMQSocketOptions()
        options.keepsSenders = true
        let (puller, pusher) = try await Self.link(options)
        for _ in 0..<3 {
            try await pusher.send(Self.bytes(size))
            let message = try await puller.receive()
            #expect(message.sender == ZMQSender(address: "127.0.0.1", socketType: "PUSH"))
            #expect(Array(message) == Self.bytes(size))
        }
        try await puller.close()
        try await pusher.close()
    }

    @Test func aMessageOfNobodyHasNoSender() throws {
        #expect(try ZMQMessage([1]).sender == nil)
    }
}
