// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

/// Names whose addresses a test changes, on a host with many addresses.
private final class Names: Sendable {
    private let table: Guarded<[String: [String]]>
    private let asked = Guarded(0)

    init(_ table: [String: [String]]) { self.table = Guarded(table) }

    var questions: Int { asked.withLock { $0 } }

    /// Nil takes the name away.
    func set(_ name: String, _ addresses: [String]?) { table.withLock { $0[name] = addresses } }

    var service: NameService {
        NameService { [self] name in
            asked.withLock { $0 += 1 }
            let addresses = table.withLock { $0[name] }
            guard let addresses else { return .failure(ConnectFailure(code: .resolve, reason: "unknown")) }
            return .success(addresses.map { NameService.Host(numeric: $0) })
        }
    }
}

@Suite("A service that comes back under its name at another address", .watchdog)
struct MovingNameTests {
    private func port(of endpoint: String) throws -> String {
        try String(#require(endpoint.split(separator: ":").last))
    }

    @Test("A sender follows the name; what it sends meanwhile waits and arrives")
    func sender() throws {
        let names = Names(["service": ["127.0.0.2"]])
        let context = try ZMQContext(nameService: names.service)
        defer { try? context.close(linger: .zero) }
        let old = try ZMQPuller(context: context)
        let port = try port(of: old.bind("tcp://127.0.0.2:0"))
        let pusher = try ZMQPusher(options: .quickRetries(), context: context)
        try pusher.connect("tcp://service:\(port)", timeout: ample)
        names.set("service", nil)
        try old.close(linger: .zero)
        try pusher.awaitEvent(.lost)
        // Down, and its name is gone: nothing goes into a queue that may die.
        #expect(failure { try pusher.send([0], timeout: brief) }.error?.code == .timeout)
        #expect(try pusher.statistics().messagesSent == 0)
        let new = try ZMQPuller(context: context)
        try new.bind("tcp://127.0.0.3:\(port)", timeout: ample)
        names.set("service", ["127.0.0.3"])
        try pusher.send([1], timeout: ample)
        #expect(try new.receive(timeout: ample) == [1])
        let statistics = try pusher.statistics()
        #expect(statistics.reconnects == 1)
        #expect(statistics.queuesDropped == 0, "nothing was sent that could have been queued")
    }

    @Test("A subscriber follows the name, with its subscriptions")
    func subscriber() throws {
        let names = Names(["service": ["127.0.0.2"]])
        let context = try ZMQContext(nameService: names.service)
        defer { try? context.close(linger: .zero) }
        let old = try ZMQPublisher(context: context)
        let port = try port(of: old.bind("tcp://127.0.0.2:0"))
        let subscriber = try ZMQSubscriber(options: .quickRetries(), context: context)
        try subscriber.subscribe(to: "t")
        try subscriber.connect("tcp://service:\(port)", timeout: ample)
        names.set("service", ["127.0.0.3"])
        try old.close(linger: .zero)
        let new = try ZMQPublisher(context: context)
        try new.bind("tcp://127.0.0.3:\(port)", timeout: ample)
        try new.waitForSubscribers(of: "t", timeout: ample)
        try new.publish([1], to: "t")
        #expect(try subscriber.receive(timeout: ample).payload == [1])
    }

    @Test("What was queued for the former address is told and counted; what had arrived from there is kept")
    func queue() throws {
        let names = Names(["service": ["127.0.0.2"]])
        let context = try ZMQContext(nameService: names.service)
        defer { try? context.close(linger: .zero) }
        let old = try ZMQSocket(.dealer, context: context)
        let port = try port(of: old.bind("tcp://127.0.0.2:0"))
        let dealer = try ZMQSocket(.dealer, options: .quickRetries(), context: context)
        try dealer.connect("tcp://service:\(port)", timeout: ample)
        try dealer.send([1], timeout: ample)
        #expect(try old.receive(timeout: ample) == [1])
        try old.send([2], timeout: ample)
        try dealer.pollReadable()
        names.set("service", ["127.0.0.3"])
        try old.close(linger: .zero)
        let dropped = try dealer.awaitEvent(.queueDropped)
        #expect(dropped.code == .peerLost)
        #expect(dropped.message?.contains("tcp://127.0.0.2:\(port)") == true)
        #expect(try dealer.statistics().queuesDropped == 1)
        #expect(try dealer.receive(timeout: ample) == [2])
    }

    @Test("A service that comes back where it was is libzmq's to connect, with what was queued")
    func sameAddress() throws {
        let names = Names(["service": ["127.0.0.2"]])
        let context = try ZMQContext(nameService: names.service)
        defer { try? context.close(linger: .zero) }
        let old = try ZMQPuller(context: context)
        let port = try port(of: old.bind("tcp://127.0.0.2:0"))
        let pusher = try ZMQPusher(options: .quickRetries(), context: context)
        try pusher.connect("tcp://service:\(port)", timeout: ample)
        try pusher.send([1], timeout: ample)
        #expect(try old.receive(timeout: ample) == [1])
        try old.close(linger: .zero)
        try pusher.awaitEvent(.lost)
        let questions = names.questions
        names.set("service", nil)
        let new = try ZMQPuller(context: context)
        try new.bind("tcp://127.0.0.2:\(port)", timeout: ample)
        try pusher.send([2], timeout: ample)
        #expect(try new.receive(timeout: ample) == [2])
        #expect(try pusher.statistics().queuesDropped == 0)
        #expect(questions >= 1)
    }

    @Test("Of four addresses, three of them dead, a link that was lost finds the one that lives")
    func fourAddresses() throws {
        let names = Names(["service": ["127.0.0.2"]])
        let context = try ZMQContext(nameService: names.service)
        defer { try? context.close(linger: .zero) }
        let old = try ZMQPuller(context: context)
        let port = try port(of: old.bind("tcp://127.0.0.2:0"))
        var options = ZMQSocketOptions.quickRetries()
        options.retry.attemptTimeout = .milliseconds(200)
        let pusher = try ZMQPusher(options: options, context: context)
        try pusher.connect("tcp://service:\(port)", timeout: ample)
        let new = try ZMQPuller(context: context)
        try new.bind("tcp://127.0.0.5:\(port)", timeout: ample)
        names.set("service", ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"])
        try old.close(linger: .zero)
        try pusher.awaitEvent(.lost)
        try pusher.send([1], timeout: ample)
        #expect(try new.receive(timeout: ample) == [1])
    }

    @Test("Two names that shared an address, and part, have links of their own again")
    func shared() throws {
        let names = Names(["one": ["127.0.0.2"], "two": ["127.0.0.2"]])
        let context = try ZMQContext(nameService: names.service)
        defer { try? context.close(linger: .zero) }
        let old = try ZMQPuller(context: context)
        let port = try port(of: old.bind("tcp://127.0.0.2:0"))
        let pusher = try ZMQPusher(options: .quickRetries(), context: context)
        try pusher.connect("tcp://one:\(port)", timeout: ample)
        try pusher.connect("tcp://two:\(port)", timeout: ample)
        try pusher.connect("tcp://127.0.0.2:\(port)", timeout: ample)
        #expect(try pusher.statistics().peers == 1)
        let pullers = try ["127.0.0.3", "127.0.0.4"].map { address in
            let puller = try ZMQPuller(context: context)
            try puller.bind("tcp://\(address):\(port)", timeout: ample)
            return puller
        }
        names.set("one", ["127.0.0.3"])
        names.set("two", ["127.0.0.4"])
        try old.close(linger: .zero)
        for puller in pullers { try puller.waitForPeers(atLeast: 1, timeout: ample) }
        // The number stays where it is, and finds who comes back there.
        let again = try ZMQPuller(context: context)
        try again.bind("tcp://127.0.0.2:\(port)", timeout: ample)
        try again.waitForPeers(atLeast: 1, timeout: ample)
        try pusher.waitForPeers(atLeast: 3, timeout: ample)
    }

    @Test("A link by name that is down holds up nobody who has another peer")
    func otherPeer() throws {
        let names = Names(["service": ["127.0.0.2"]])
        let context = try ZMQContext(nameService: names.service)
        defer { try? context.close(linger: .zero) }
        let old = try ZMQPuller(context: context)
        let port = try port(of: old.bind("tcp://127.0.0.2:0"))
        let other = try ZMQPuller(context: context)
        let pusher = try ZMQPusher(options: .quickRetries(), context: context)
        try pusher.connect("tcp://service:\(port)", timeout: ample)
        try pusher.connect(other.bind("tcp://127.0.0.1:0"), timeout: ample)
        try old.close(linger: .zero)
        try pusher.awaitEvent(.lost)
        for number in 0..<UInt8(20) { try pusher.send([number], timeout: ample) }
        #expect(try other.receive(timeout: ample).count == 1)
    }
}

extension ZMQSocket {
    /// Waits until a message has arrived, and leaves it there.
    fileprivate func pollReadable() throws {
        var items = [PollItem(.socket(handle), interest: .readable)]
        guard Polling.wait(for: &items, timeout: 20_000) == .ok else { throw ZMQSocketError(.timeout) }
    }
}
