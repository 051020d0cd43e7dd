// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Testing

@testable import ExperimanceZMQ

@Suite("libzmq's signal, used up by a call that can do nothing with it", .watchdog)
struct UsedUpSignalTests {
    @Test("A send that is refused hides no request that has come")
    func refusedSend() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let replier = try ZMQSocket(.rep, context: context)
        let requester = try ZMQSocket(.req, context: context)
        try requester.connect(replier.bind("inproc://used up"), timeout: ample)
        let descriptor = try replier.descriptor()
        // The one who would see the signal first is kept from it.
        let (isHeld, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try context.core().supervisor.perform {
            isHeld.signal()
            release.wait()
        }
        isHeld.wait()
        defer { release.signal() }
        try requester.send([1], timeout: ample)
        #expect(failure { try replier.send([2], timeout: ample) }.error?.code == .state)
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&watched, 1, 0) == 1)
    }

    @Test("A receive that waits in front of a send, and finds nothing, hides no room")
    func emptyReceive() async throws {
        let context = try ZMQContext()
        var options = ZMQSocketOptions()
        (options.sendHighWaterMark, options.receiveHighWaterMark) = (1, 1)
        let socket = try ZMQSocket(.dealer, options: options, context: context)
        let peer = try ZMQSocket(.dealer, options: options, context: context)
        try await socket.connect(peer.bind("inproc://used up by a receive"), timeout: ample)
        while (try? await socket.send([1], timeout: .zero)) != nil {}

        let passage = try Passage(from: peer, to: socket)
        async let received = onThread { try passage.receiveInVain() }
        await untilWaiting(for: .readable, on: socket)
        async let sent: Void = onThread { try socket.send([2], timeout: .seconds(3_600)) }
        await untilWaiting(for: .writable, on: socket)
        try passage.open()
        try await sent
        socket.cancel()
        #expect(try await received == .canceled)
        try await context.close(linger: .zero)
    }

    private func untilWaiting(for interest: Interest, on socket: ZMQSocket) async {
        while (try? socket.handle.withCore { $0.waiters.count(of: interest) }) != 1 { await Task.yield() }
    }
}

/// Has room come for one socket in the middle of a look for a message of its own, and the signal of that used up.
private final class Passage: @unchecked Sendable {
    // Unchecked: it is open once, and the sockets are touched where a call may.
    private let source: RawSocket
    private let socket: ZMQSocket
    private var isOpen = false

    init(from source: ZMQSocket, to socket: ZMQSocket) throws {
        self.source = try #require(try source.handle.withCore { $0.socket })
        self.socket = socket
    }

    /// The one who waits to receive looks once more.
    func open() throws {
        try socket.handle.withCore { core in
            isOpen = true
            core.waiters.wakeFirst(.readable)
        }
    }

    func receiveInVain() throws -> ZMQSocketError.Code {
        try socket.handle.withCore { core in
            core.wait(for: .readable, until: .never, isDrained: true) {
                var frame = Frame()
                while self.isOpen, frame.receive(from: self.source) >= 0 {}
                if let own = core.socket { _ = frame.receive(from: own) }
                return nil
            }
        }
    }
}
