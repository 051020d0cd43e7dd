// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQTesting
import Testing

@testable import ExperimanceZMQ

@Suite("Connects, binds and closes that are cancelled at random moments", .serialized, .watchdog(seconds: 300))
struct CancelledConnectTests {
    /// Fewer over TCP, where each connection keeps a port for a minute.
    @Test("A connect leaves a link or none", arguments: [(Carrier.ipc, 50), (.inproc, 40), (.tcp, 10)])
    func connect(carrier: Carrier, percentage: Int) async throws {
        let context = try ZMQContext()
        let puller = try ZMQPuller(context: context)
        let pusher = try ZMQPusher(context: context)
        let endpoint = try await puller.bind(carrier.freeEndpoint)
        for _ in 0..<cancellations * percentage / 100 {
            if try await cancelledAtRandom({ try await pusher.connect(endpoint, timeout: ample) }) != nil {
                #expect(pusher.state == .ready)
                try pusher.disconnect(endpoint)
            }
            #expect(pusher.state == .idle)
        }
        try await pusher.connect(endpoint, timeout: ample)
        try await pusher.send([1], timeout: ample)
        #expect(try await puller.receive(timeout: ample) == [1])
        try await context.close(linger: .zero)
    }

    @Test("Several tasks connect to the same endpoint, and each is cancelled by itself")
    func connectTogether() async throws {
        let context = try ZMQContext()
        let puller = try ZMQPuller(context: context)
        let pusher = try ZMQPusher(context: context)
        let endpoint = try await puller.bind(Carrier.ipc.freeEndpoint)
        for _ in 0..<500 {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        let isLinked: Void? = try? await cancelledAtRandom {
                            try await pusher.connect(endpoint, timeout: ample)
                        }
                        if isLinked != nil { #expect(pusher.state == .ready) }
                    }
                }
            }
            try? pusher.disconnect(endpoint)
            #expect(pusher.state == .idle)
        }
        try await pusher.connect(endpoint, timeout: ample)
        try await context.close(linger: .zero)
    }

    @Test("A connect to a peer that stays silent, to a port nobody has, and to a name", arguments: [0, 1, 2])
    func connectInVain(place: Int) async throws {
        let context = try ZMQContext()
        let pusher = try ZMQPusher(options: .quickRetries(), context: context)
        let silent = try MisbehavingPeer(.silent)
        defer { silent.stop() }
        let endpoint = [silent.endpoint, "tcp://127.0.0.1:1", "tcp://no-such-host.invalid:1"][place]
        for _ in 0..<cancellations / 10 {
            let isLinked: Void? = try await cancelledAtRandom {
                try await pusher.connect(endpoint, timeout: .untilCancelled)
            }
            #expect(isLinked == nil)
            #expect(pusher.state == .idle)
        }
        try await context.close(linger: .zero)
    }

    @Test("A bind holds the address or does not", arguments: [Carrier.tcp, .ipc])
    func bind(carrier: Carrier) async throws {
        let context = try ZMQContext()
        let holder = try ZMQPuller(options: .quickRetries(), context: context)
        let taker = try ZMQPuller(options: .quickRetries(), context: context)
        let endpoint = try await holder.bind(carrier.freeEndpoint)
        for round in 0..<cancellations(among: 2) {
            let isReleased = round % 25 == 0
            let bound = try await cancelledAtRandom {
                try await taker.bind(endpoint, timeout: .untilCancelled)
            } meanwhile: {
                if isReleased { try holder.unbind(endpoint) }
            }
            if bound != nil { try taker.unbind(endpoint) }
            if isReleased { try await holder.bind(endpoint, timeout: ample) }
            #expect(taker.state == .idle)
        }
        try holder.unbind(endpoint)
        try await taker.bind(endpoint, timeout: ample)
        try await context.close(linger: .zero)
    }

    @Test("A bind to any port")
    func bindAnywhere() async throws {
        let context = try ZMQContext()
        let puller = try ZMQPuller(context: context)
        for _ in 0..<cancellations {
            let bound = try await cancelledAtRandom { try await puller.bind("tcp://localhost:0", timeout: ample) }
            if let bound { try puller.unbind(bound) }
            #expect(puller.state == .idle)
        }
        try await context.close(linger: .zero)
    }

    @Test(
        "A close sends what is queued all the same",
        arguments: [(Carrier.ipc, 4_000), (.inproc, 5_000), (.tcp, 1_000)]
    )
    func close(carrier: Carrier, rounds: Int) async throws {
        let context = try ZMQContext()
        let puller = try ZMQPuller(context: context)
        let endpoint = try await puller.bind(carrier.freeEndpoint)
        let receiver = Task {
            var received: [Int] = []
            while received.count < rounds { received.append(try await puller.receive(timeout: ample).number) }
            return received
        }
        for number in 0..<rounds {
            let pusher = try ZMQPusher(context: context)
            try await pusher.connect(endpoint, timeout: ample)
            try await pusher.send(bytes(of: number), timeout: ample)
            _ = try await cancelledAtRandom { try await pusher.close(linger: ample) }
            try await pusher.close()
            #expect(pusher.state == .closed)
        }
        #expect(try await receiver.value.sorted() == Array(0..<rounds))
        try await context.close(linger: .zero)
    }
}
