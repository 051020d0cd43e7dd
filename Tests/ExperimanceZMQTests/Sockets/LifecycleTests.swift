// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQTesting
import Foundation
import Glibc
import Testing

@testable import ExperimanceZMQ

@Suite("Opening and closing", .watchdog, .serialized)
struct LifecycleTests {
    // What is left behind is counted in processes of their own: other suites open and close things beside these.

    @Test("A thousand rounds leave no descriptor and no thread behind")
    func rounds() async {
        await #expect(processExitsWith: .success) {
            let context = try ZMQContext()
            func round(_ number: Int) throws {
                let pusher = try ZMQPusher(context: context)
                let puller = try ZMQPuller(context: context)
                let endpoint = try puller.bind(number % 2 == 0 ? "tcp://127.0.0.1:0" : Carrier.ipc.freeEndpoint)
                if number % 3 == 0 {
                    try pusher.connectInBackground(endpoint)
                } else {
                    try pusher.connect(endpoint, timeout: ample)
                    try pusher.send([1], timeout: ample)
                    _ = try puller.receive(timeout: ample)
                }
                try pusher.close(linger: .zero)
                try puller.close(linger: .zero)
            }
            for number in 0..<20 { try round(number) }
            let before = LeakCheck()
            for number in 0..<1_000 { try round(number) }
            #expect(await LeakCheck.isBack(to: before))
        }
    }

    @Test("Signals whose handlers do nothing end no call")
    func signals() async {
        // In a process of its own, as its timer interrupts everybody.
        await #expect(processExitsWith: .success) {
            // Without SA_RESTART, so that the kernel does not take system calls up again by itself.
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in }
            #expect(sigaction(SIGALRM, &action, nil) == 0)
            var timer = itimerval()
            timer.it_interval.tv_usec = 200
            timer.it_value.tv_usec = 200
            setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
            for number in 0..<200 {
                let context = try ZMQContext()
                let puller = try ZMQPuller(context: context)
                let pusher = try ZMQPusher(context: context)
                let address = number % 2 == 0 ? "tcp://127.0.0.1:0" : "inproc://\(number)"
                let endpoint = try await puller.bind(address, timeout: .seconds(20))
                try await pusher.connect(endpoint, timeout: .seconds(20))
                try await pusher.send([1], timeout: .seconds(20))
                _ = try await puller.receive(timeout: .seconds(20))
                try pusher.disconnect(endpoint)
                try puller.unbind(endpoint)
                try await context.close(linger: .zero)
            }
        }
    }

    @Test("A shutdown closes the shared context too, and what comes after it starts afresh")
    func shutdown() async {
        // In a process of its own: the tests beside this one use the shared context.
        await #expect(processExitsWith: .success) {
            for _ in 0..<3 {
                let puller = try ZMQPuller()
                let endpoint = try await puller.bind("tcp://127.0.0.1:0")
                let pusher = try ZMQPusher()
                try await pusher.connect(endpoint, timeout: .seconds(20))
                try await pusher.send([1], timeout: .seconds(20))
                try await ZMQContext.shutdown(timeout: .seconds(20))
                await #expect(throws: ZMQSocketError.self) { try await pusher.send([1], timeout: .zero) }
            }
        }
    }

    @Test("Contexts come and go with everything they had")
    func contexts() async {
        await #expect(processExitsWith: .success) {
            func round() throws {
                let context = try ZMQContext()
                let publisher = try ZMQPublisher(context: context)
                let subscriber = try ZMQSubscriber(context: context)
                try subscriber.connect(publisher.bind("tcp://127.0.0.1:0"), timeout: ample)
                try subscriber.connectInBackground("tcp://127.0.0.1:1")
                try context.close(linger: .zero)
                guard publisher.state == .closed else { throw ZMQSocketError(.state, message: "still open") }
            }
            try round()
            let before = LeakCheck()
            for _ in 0..<100 { try round() }
            #expect(await LeakCheck.isBack(to: before))
        }
    }

    @Test("Closing takes its linger at most, whatever is queued for a peer that is gone")
    func linger() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pusher = try ZMQPusher(context: context)
        let puller = try ZMQPuller(context: context)
        try pusher.connect(puller.bind("tcp://127.0.0.1:0"), timeout: ample)
        try puller.close(linger: .zero)
        try pusher.awaitEvent(.lost)
        for _ in 0..<100 { try pusher.send([1], timeout: ample) }
        let (error, elapsed) = failure { try pusher.close(linger: .milliseconds(150)) }
        #expect(error == nil)
        // libzmq counts the linger, in milliseconds of its own clock.
        #expect(elapsed >= .milliseconds(140))
        #expect(elapsed < .seconds(5))
    }

    @Test("What is queued for a peer that is there is sent before the end")
    func flush() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pusher = try ZMQPusher(context: context)
        let puller = try ZMQPuller(options: .with { $0.receiveHighWaterMark = nil }, context: context)
        try pusher.connect(puller.bind("tcp://127.0.0.1:0"), timeout: ample)
        for number in 0..<900 { try pusher.send([UInt8(number & 0xFF)], timeout: ample) }
        try pusher.close(linger: ample)
        for number in 0..<900 { #expect(try puller.receive(timeout: ample) == [UInt8(number & 0xFF)]) }
    }

    @Test("A port is free again when close returns")
    func portReuse() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let once = ZMQSocketOptions.quickRetries(attempts: 1)
        let endpoint = try ZMQPublisher(context: context).bind("tcp://127.0.0.1:0")
        var previous = try ZMQPublisher(options: .quickRetries(), context: context)
        try previous.bind(endpoint, timeout: ample)
        for _ in 0..<50 {
            try previous.close(linger: .zero)
            previous = try ZMQPublisher(options: once, context: context)
            try previous.bind(endpoint, timeout: .zero)
        }
    }

    @Test("A socket nobody holds any more is closed by itself")
    func release() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let endpoint: String
        do {
            let publisher = try ZMQPublisher(context: context)
            endpoint = try publisher.bind("tcp://127.0.0.1:0")
        }
        let other = try ZMQPublisher(options: .quickRetries(), context: context)
        try other.bind(endpoint, timeout: ample)
    }

    @Test("A context nobody holds any more ends with its last socket")
    func releaseContext() async {
        await #expect(processExitsWith: .success) {
            func round() throws {
                let publisher = try ZMQPublisher(context: ZMQContext())
                try publisher.bind("tcp://127.0.0.1:0")
                try publisher.close(linger: .zero)
            }
            try round()
            let before = LeakCheck()
            for _ in 0..<200 { try round() }
            #expect(await LeakCheck.isBack(to: before))
        }
    }

    @Test("Operations of another pattern are not supported")
    func wrongPattern() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pull = try ZMQSocket(.pull, context: context)
        let push = try ZMQSocket(.push, context: context)
        #expect(failure { try pull.send([1]) }.error?.code == .notSupported)
        #expect(failure { _ = try push.receive() }.error?.code == .notSupported)
        let codes = [
            pull.handle.subscribe(UnsafeRawBufferPointer(start: nil, count: 0)),
            pull.handle.waitSubscribed(timeout: 0),
            pull.handle.waitSubscribers(UnsafeRawBufferPointer(start: nil, count: 0), count: 1, timeout: 0),
        ]
        #expect(codes.allSatisfy { $0 == .notSupported })
    }

    @Test("Handles that are no sockets", arguments: [0, 1, UInt64.max, 0x5300_0000_0100_0000, 0x4300_0000_0100_0000])
    func foreignHandles(id: UInt64) {
        let handle = SocketHandle(rawValue: id)
        #expect(handle.send(nil, 0, timeout: 0) != .ok)
        #expect([.handle, .closed].contains(handle.send(nil, 0, timeout: 0)))
        #expect([.handle, .closed].contains(handle.cancel()))
        if id == 0 { #expect(handle.close(linger: 0) == .handle) }
    }

    @Test("Files and live servers are not stolen by a bind")
    func ipcPaths() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let path = "/tmp/exz-\(UUID().uuidString.prefix(13))"
        let once = ZMQSocketOptions.quickRetries(attempts: 1)
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        let socket = try ZMQSocket(.pull, options: once, context: context)
        #expect(failure { try socket.bind("ipc://\(path)", timeout: ample) }.error?.code == .addressInUse)
        #expect(FileManager.default.contents(atPath: path) == Data("precious".utf8))
        try FileManager.default.removeItem(atPath: path)
        try socket.bind("ipc://\(path)", timeout: ample)
        let thief = try ZMQSocket(.pull, options: once, context: context)
        #expect(failure { try thief.bind("ipc://\(path)", timeout: ample) }.error?.code == .addressInUse)
        // What a closed socket leaves behind does not stop the next. On a busy machine libzmq may be at it a moment
        // longer than close waits, so one attempt need not do.
        try socket.close(linger: .zero)
        try ZMQSocket(.pull, options: .quickRetries(), context: context).bind("ipc://\(path)", timeout: ample)
        let missing = failure { try thief.bind("ipc:///no/such/directory/x", timeout: ample) }.error
        #expect(missing?.code == .addressNotAvailable)
    }
}
