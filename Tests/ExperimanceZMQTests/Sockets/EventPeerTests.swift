// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Peers of events", .watchdog)
struct EventPeerTests {
    @Test("A peer that comes and goes is named by its address, and within the process by nothing")
    func address() throws {
        for carrier in Carrier.allCases {
            let context = try ZMQContext()
            defer { try? context.close(linger: .zero) }
            let (puller, pusher) = (try ZMQPuller(context: context), try ZMQPusher(context: context))
            let endpoint = try puller.bind(carrier.freeEndpoint)
            try pusher.connect(endpoint, timeout: ample)
            let connected = try pusher.awaitEvent(.handshaken)
            try pusher.close()
            let joined = try puller.awaitEvent(.handshaken)
            let lost = try puller.awaitEvent(.lost)
            #expect(lost.peer == joined.peer)
            #expect((joined.identity, lost.identity) == (nil, nil))
            switch carrier {
            case .tcp:
                #expect(connected.peer == endpoint)
                #expect(joined.peer?.hasPrefix("tcp://127.0.0.1:") == true && joined.peer != endpoint)
            case .ipc: #expect(joined.peer?.hasPrefix("localhost:") == true && joined.peer == connected.peer)
            case .inproc: #expect((joined.peer, connected.peer) == (nil, nil))
            }
        }
    }

    @Test("A ROUTER names whom it has heard by its identity, in words, too")
    func identity() throws {
        for carrier in Carrier.allCases {
            let context = try ZMQContext()
            defer { try? context.close(linger: .zero) }
            let router = try ZMQSocket(.router, context: context)
            let dealer = try ZMQSocket(.dealer, options: .with { $0.identity = Array("cam".utf8) }, context: context)
            try dealer.connect(try router.bind(carrier.freeEndpoint), timeout: ample)
            try dealer.send("hello".utf8)
            _ = try router.receive(timeout: ample)
            try dealer.close()
            let lost = try router.awaitEvent(.lost)
            #expect(lost.identity == Array("cam".utf8))
            #expect(lost.description.contains("lost\(lost.peer.map { " \($0)" } ?? "") \"cam\""), "\(lost)")
        }
    }

    @Test("A subscriber is named when it comes and when it goes")
    func subscriber() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let (publisher, subscriber) = (try ZMQPublisher(context: context), try ZMQSubscriber(context: context))
        try subscriber.connect(try publisher.bind("tcp://127.0.0.1:*"), timeout: ample)
        try publisher.awaitEvent(.handshaken)
        try subscriber.subscribe(to: "topic")
        let joined = try publisher.awaitEvent(.subscriberJoined)
        try subscriber.close()
        let left = try publisher.awaitEvent(.subscriberLeft)
        #expect(joined.peer?.hasPrefix("tcp://127.0.0.1:") == true)
        #expect(left.peer == joined.peer)
    }

    @Test("An identity that is longer than ZMTP has it is none")
    func longIdentity() {
        var event = ZMQEvent(.lost)
        event.name(KnownPeer(address: "tcp://127.0.0.1:1", identity: Array(repeating: 7, count: 256)))
        #expect((event.peer, event.identity) == ("tcp://127.0.0.1:1", nil))
    }
}
