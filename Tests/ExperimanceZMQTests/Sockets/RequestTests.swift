// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import Glibc
import TestSupport
import Testing

@testable import ExperimanceZMQ

@Suite("Requests", .watchdog)
struct RequestTests {
    @Test("A request is answered, whoever binds, over every carrier", arguments: Carrier.allCases)
    func answered(carrier: Carrier) throws {
        for replierBinds in [true, false] {
            let context = try ZMQContext()
            defer { try? context.close(linger: .zero) }
            let requester = try ZMQRequester(context: context)
            let replier = try ZMQReplier(context: context)
            if replierBinds {
                try requester.connect(replier.bind(carrier.freeEndpoint), timeout: ample)
            } else {
                try replier.connect(requester.bind(carrier.freeEndpoint), timeout: ample)
            }
            let server = BackgroundTask {
                for _ in 0..<3 { try replier.reply(try replier.receive(timeout: ample).reversed(), timeout: ample) }
            }
            for size in [0, 1, 70_000] {
                let request = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
                let answer = try requester.request(request, timeout: ample)
                #expect(answer == request.reversed())
            }
            try server.value()
        }
    }

    @Test("Without a server the reason is its link's, and what was given up is never executed")
    func nobody() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let requester = try ZMQRequester(options: .quickRetries(), context: context)
        let endpoint = Carrier.ipc.freeEndpoint
        try requester.connectInBackground(endpoint)
        try requester.awaitEvent(.failed)
        for isIdempotent in [false, true] {
            let (error, elapsed) = failure {
                _ = try requester.request([1], timeout: .milliseconds(50), isIdempotent: isIdempotent)
            }
            #expect(error?.code == .refused)
            #expect(error?.attempts == 1)
            #expect(error?.endpoint == endpoint)
            #expect(elapsed >= .milliseconds(50))
        }
        let replier = try ZMQReplier(context: context)
        try replier.bind(endpoint, timeout: ample)
        let server = BackgroundTask {
            let request = try replier.receive(timeout: ample)
            try replier.reply([9], timeout: ample)
            return request
        }
        #expect(try requester.request([2], timeout: ample) == [9])
        #expect(try server.value() == [2])
    }

    @Test("A server that goes without an answer is lost at once; an idempotent request waits for the next one")
    func lost() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let requester = try ZMQRequester(options: .quickRetries(), context: context)
        let endpoint = try requester.bind("tcp://127.0.0.1:0")
        for isIdempotent in [false, true] {
            let first = try ZMQReplier(context: context)
            try first.connect(endpoint, timeout: ample)
            let asking = BackgroundTask {
                try requester.request([1], timeout: .seconds(2_000), isIdempotent: isIdempotent)
            }
            #expect(try first.receive(timeout: ample) == [1])
            try first.close(linger: .zero)
            if isIdempotent {
                let second = try ZMQReplier(context: context)
                try second.connect(endpoint, timeout: ample)
                #expect(try second.receive(timeout: ample) == [1])
                try second.reply([2], timeout: ample)
                #expect(try asking.value() == [2])
            } else {
                let (error, _) = failure { _ = try asking.value() }
                #expect(error?.code == .peerLost)
            }
        }
    }

    @Test("An answer of several parts is kept for who can take it")
    func severalParts() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let requester = try ZMQRequester(context: context)
        let replier = try ZMQReplier(context: context)
        try requester.connect(replier.bind("tcp://127.0.0.1:0"), timeout: ample)
        let server = BackgroundTask {
            _ = try replier.receive(timeout: ample)
            try replier.socket.send(parts: [[1], [2, 3]], timeout: ample)
        }
        let answer = try requester.request([0], timeout: ample)
        try server.value()
        #expect(answer.parts == [[1], [2, 3]])
    }

    @Test("A replier receives and replies in turn")
    func turns() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let replier = try ZMQReplier(context: context)
        let (error, _) = failure { try replier.reply([1], timeout: .zero) }
        #expect(error?.code == .state)
    }
}

@Suite("Descriptors and options by number", .watchdog)
struct DescriptorAndOptionTests {
    private func isReadable(_ descriptor: Int32, within milliseconds: Int32) -> Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, milliseconds) == 1
    }

    @Test("The descriptor is readable while a message can be received", arguments: Carrier.allCases)
    func descriptor(carrier: Carrier) throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pusher = try ZMQPusher(context: context)
        let puller = try ZMQPuller(context: context)
        try pusher.connect(puller.bind(carrier.freeEndpoint), timeout: ample)
        let descriptor = try puller.descriptor()
        #expect(!isReadable(descriptor, within: 0))
        try pusher.send([1], timeout: ample)
        #expect(isReadable(descriptor, within: 20_000))
        #expect(try puller.receive(timeout: .zero) == [1])
        #expect(!isReadable(descriptor, within: 0))
        let (error, _) = failure { _ = try pusher.descriptor() }
        #expect(error?.code == .notSupported)
    }

    @Test("The descriptor for sending is readable while a message can be sent", arguments: Carrier.allCases)
    func descriptorForSending(carrier: Carrier) throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pusher = try ZMQPusher(context: context)
        let puller = try ZMQPuller(context: context)
        let descriptor = try pusher.descriptorForSending()
        #expect(!isReadable(descriptor, within: 0))
        try pusher.connect(puller.bind(carrier.freeEndpoint), timeout: ample)
        #expect(isReadable(descriptor, within: 20_000))
        let (error, _) = failure { _ = try puller.descriptorForSending() }
        #expect(error?.code == .notSupported)
    }

    @Test("Options are replaced until the first bind")
    func newOptions() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let puller = try ZMQPuller(context: context)
        var options = ZMQSocketOptions()
        options.receiveHighWaterMark = 7
        try puller.set(options)
        #expect(try puller.get(option: 24) == 7)
        options.receiveHighWaterMark = -1
        #expect(failure { try puller.set(options) }.error?.code == .invalid)
        _ = try puller.bind(Carrier.inproc.freeEndpoint)
        options.receiveHighWaterMark = 8
        #expect(failure { try puller.set(options) }.error?.code == .state)
        #expect(try puller.get(option: 24) == 7)
    }

    @Test("Options by number are set and read, or refused with a reason")
    func options() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let pusher = try ZMQPusher(context: context)
        try pusher.set(option: ZMQ_TOS, to: 16)
        #expect(try pusher.get(option: ZMQ_TOS) == 16)
        let (reserved, _) = failure { try pusher.set(option: ZMQ_IMMEDIATE, to: 1) }
        #expect(reserved?.code == .notSupported)
        #expect(reserved?.message.contains("\(ZMQ_IMMEDIATE)") == true)
        let (range, _) = failure { try pusher.set(option: ZMQ_TOS, to: 256) }
        #expect(range?.code == .invalid)
        let (text, _) = failure { try pusher.set(option: ZMQ_ROUTING_ID, to: 7) }
        #expect(text?.code == .invalid)
        let (unknown, _) = failure { _ = try pusher.get(option: 12_345) }
        #expect(unknown?.code == .invalid)
    }
}
