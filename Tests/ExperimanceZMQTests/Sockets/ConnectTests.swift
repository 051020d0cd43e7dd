// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQTesting
import TestSupport
import Testing

@testable import ExperimanceZMQ

@Suite("Connecting", .watchdog)
struct ConnectTests {
    struct Expectation: Sendable, CustomTestStringConvertible {
        let manner: MisbehavingPeer.Manner
        let code: ZMQSocketError.Code
        var testDescription: String { manner.rawValue }

        /// Long for an answer that comes of itself or when a silent peer is prodded; short where the deadline is the
        /// answer.
        var time: Duration { code == .timeout ? .milliseconds(600) : .seconds(5) }
        var timeout: ZMQTimeout { .duration(time) }
    }

    static let expectations: [Expectation] = [
        Expectation(manner: .refuses, code: .refused),
        Expectation(manner: .closes, code: .peerLost),
        Expectation(manner: .resets, code: .peerLost),
        Expectation(manner: .silent, code: .timeout),
        Expectation(manner: .drops, code: .timeout),
        Expectation(manner: .http, code: .protocolError),
        Expectation(manner: .httpAfterLine, code: .protocolError),
        Expectation(manner: .zmtp1, code: .protocolError),
        Expectation(manner: .zmtp2, code: .protocolError),
        Expectation(manner: .curve, code: .security),
        Expectation(manner: .garbage, code: .protocolError),
        Expectation(manner: .stopsAfterGreeting, code: .timeout),
    ]

    @Test("Every bad peer is told by its code, within the deadline", arguments: expectations)
    func badPeers(expectation: Expectation) throws {
        let peer = try MisbehavingPeer(expectation.manner)
        defer { peer.stop() }
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        for kind in [ZMQSocketType.sub, .push] {
            let socket = try ZMQSocket(kind, context: context)
            let (error, elapsed) = failure { try socket.connect(peer.endpoint, timeout: expectation.timeout) }
            #expect(error?.code == expectation.code, "\(kind.name): \(error.map(String.init) ?? "no error")")
            #expect(error?.endpoint == peer.endpoint)
            #expect((error?.attempts ?? 0) >= 1)
            #expect(error?.message.contains(peer.endpoint) == true)
            if expectation.code == .timeout { #expect(elapsed >= expectation.time) }
            #expect(elapsed < expectation.time + .seconds(10))
            // No link is left behind, and the socket is as it was.
            #expect(socket.state == .idle)
            #expect(try socket.statistics().peers == 0)
        }
    }

    @Test("Every other call waits in vain for a bad peer, to its deadline and not longer", arguments: expectations)
    func otherCalls(expectation: Expectation) throws {
        let peer = try MisbehavingPeer(expectation.manner)
        defer { peer.stop() }
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let dealer = try ZMQSocket(.dealer, options: .quickRetries(), context: context)
        let subscriber = try ZMQSubscriber(options: .quickRetries(), context: context)
        try dealer.connectInBackground(peer.endpoint)
        try subscriber.connectInBackground(peer.endpoint)
        let time = Duration.milliseconds(40)
        let patience = ZMQTimeout.duration(time)
        let calls: [() throws -> Void] = [
            { try dealer.waitForPeers(timeout: patience) }, { try dealer.send([1], timeout: patience) },
            { try dealer.send(parts: [[1], [2]], timeout: patience) }, { _ = try dealer.receive(timeout: patience) },
            { _ = try dealer.receive(timeout: patience) }, { try subscriber.waitForSubscriptions(timeout: patience) },
            { _ = try subscriber.receive(timeout: patience) },
        ]
        for (number, call) in calls.enumerated() {
            let (error, elapsed) = failure(of: call)
            #expect(error?.code == .timeout, "call \(number)")
            #expect(elapsed >= time, "call \(number)")
            #expect(elapsed < time + .seconds(10), "call \(number)")
        }
        #expect(try dealer.statistics().messagesReceived == 0)
    }

    @Test("A socket type that does not fit is named")
    func wrongType() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let puller = try ZMQPuller(context: context)
        let subscriber = try ZMQSubscriber(context: context)
        let endpoint = try puller.bind("tcp://127.0.0.1:0")
        let (error, _) = failure { try subscriber.connect(endpoint, timeout: ample) }
        #expect(error?.code == .protocolError)
        #expect(error?.message.contains("PULL") == true)
        #expect(try puller.awaitEvent(.peerRejected).code == .protocolError)
        #expect(try puller.statistics().peers == 0)
    }

    @Test("A missing path, and a name that does not exist")
    func missing() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let socket = try ZMQSocket(.sub, options: .quickRetries(attempts: 3), context: context)
        let path = failure { try socket.connect(Carrier.ipc.freeEndpoint, timeout: ample) }.error
        #expect(path?.code == .refused)
        #expect(path?.attempts == 3)
        let name = failure { try socket.connect("tcp://no-such-host.invalid:5555", timeout: ample) }.error
        #expect(name?.code == .resolve)
        #expect(name?.message.contains("no-such-host.invalid") == true)
        let inproc = failure { try socket.connect(Carrier.inproc.freeEndpoint, timeout: brief) }.error
        #expect(inproc?.code == .refused)
    }

    @Test("A network that can not be reached")
    func unreachable() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let socket = try ZMQSocket(.sub, options: .quickRetries(attempts: 2), context: context)
        // A TCP connection to a multicast address: the kernel has no route for that.
        let error = failure { try socket.connect("tcp://224.0.0.1:5555", timeout: .seconds(2)) }.error
        #expect(error?.code == .unreachable)
    }

    @Test("localhost resolves to several addresses, of which one works")
    func names() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let puller = try ZMQPuller(context: context)
        let port = try puller.bind("tcp://127.0.0.1:0").split(separator: ":").last.map(String.init)
        let pusher = try ZMQPusher(context: context)
        let endpoint = "tcp://localhost:\(try #require(port))"
        try pusher.connect(endpoint, timeout: ample)
        try pusher.send([1], timeout: ample)
        #expect(try puller.receive(timeout: ample) == [1])
        // Another spelling of the same place is the same link.
        try pusher.connect("tcp://127.0.0.1:\(try #require(port))", timeout: ample)
        try pusher.connect(endpoint, timeout: ample)
        #expect(try pusher.statistics().peers == 1)
        #expect(try puller.statistics().peers == 1)
        try pusher.disconnect(endpoint)
        #expect(try pusher.statistics().peers == 0)
    }

    @Test("All addresses of a name are tried, resolved afresh for every attempt, outside libzmq")
    func resolver() throws {
        let asked = Guarded(0)
        let context = try ZMQContext(
            nameService: NameService { _ in
                let count = asked.withLock { asked in
                    asked += 1
                    return asked
                }
                return count < 3
                    ? .failure(ConnectFailure(code: .resolve, reason: "not yet"))
                    : .success([NameService.Host(numeric: "::1"), NameService.Host(numeric: "127.0.0.1")])
            }
        )
        defer { try? context.close(linger: .zero) }
        let puller = try ZMQPuller(context: context)
        let port = try #require(try puller.bind("tcp://127.0.0.1:0").split(separator: ":").last)
        let pusher = try ZMQPusher(options: .quickRetries(), context: context)
        try pusher.connect("tcp://render-host:\(port)", timeout: ample)
        #expect(asked.withLock { $0 } == 3)
        try pusher.send([9], timeout: ample)
        #expect(try puller.receive(timeout: ample) == [9])
    }

    @Test("A resolver that hangs holds nobody up: not the caller, not other sockets, not closing")
    func slowResolver() throws {
        let release = Completion()
        let context = try ZMQContext(
            nameService: NameService { _ in
                _ = release.wait(until: Deadline(milliseconds: 60_000, after: .now()))
                return .failure(ConnectFailure(code: .resolve, reason: "late"))
            }
        )
        let socket = try ZMQSocket(.sub, context: context)
        let (error, elapsed) = failure { try socket.connect("tcp://slow-host:1", timeout: .milliseconds(100)) }
        #expect(error?.code == .resolve)
        #expect(elapsed >= .milliseconds(100) && elapsed < .seconds(5))
        let puller = try ZMQPuller(context: context)
        let pusher = try ZMQPusher(context: context)
        try pusher.connect(puller.bind("tcp://127.0.0.1:0"), timeout: ample)
        try socket.connectInBackground("tcp://slow-host:2")
        let closing = failure { try context.close(linger: .zero) }
        #expect(closing.error == nil)
        #expect(closing.elapsed < .seconds(5))
        release.complete()
    }

    @Test("IPv6", .enabled(if: Loopback.hasIPv6, "this machine has no address ::1"))
    func ipv6() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let puller = try ZMQPuller(context: context)
        let pusher = try ZMQPusher(context: context)
        let endpoint = try puller.bind("tcp://[::1]:0")
        #expect(endpoint.hasPrefix("tcp://[::1]:"))
        try pusher.connect(endpoint, timeout: ample)
        try pusher.send([6], timeout: ample)
        #expect(try puller.receive(timeout: ample) == [6])
    }

    @Test("A good connect makes exactly one connection")
    func noProbing() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let puller = try ZMQPuller(context: context)
        let endpoint = try puller.bind("tcp://127.0.0.1:0")
        let pusher = try ZMQPusher(context: context)
        try pusher.connect(endpoint, timeout: ample)
        #expect(pusher.takeEvents().map(\.kind) == [.connecting, .handshaken])
        try puller.waitForPeers(atLeast: 1, timeout: ample)
        #expect(puller.takeEvents().map(\.kind) == [.listening, .handshaken])
    }

    @Test("Disconnecting an endpoint ends the connect that waits for it")
    func disconnectedMeanwhile() throws {
        let peer = try MisbehavingPeer(.silent)
        defer { peer.stop() }
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let socket = try ZMQSocket(.sub, context: context)
        let connecting = BackgroundTask { failure { try socket.connect(peer.endpoint, timeout: ample) }.error }
        try socket.awaitEvent(.connecting)
        try socket.disconnect(peer.endpoint)
        let error = try connecting.value()
        #expect(error?.code == .canceled)
    }

    @Test("Disconnecting and connecting again")
    func again() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let puller = try ZMQPuller(context: context)
        let endpoint = try puller.bind("tcp://127.0.0.1:0")
        let pusher = try ZMQPusher(context: context)
        for round in 0..<20 {
            try pusher.connect(endpoint, timeout: ample)
            try pusher.send([UInt8(round)], timeout: ample)
            #expect(try puller.receive(timeout: ample) == [UInt8(round)])
            try pusher.disconnect(endpoint)
            #expect(failure { try pusher.disconnect(endpoint) }.error?.code == .state)
        }
    }
}
