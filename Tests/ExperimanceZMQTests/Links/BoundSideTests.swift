// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Bound side", .watchdog)
struct BoundSideTests {
    private static let address = "tcp://127.0.0.1:5555"
    private static let start = MonotonicInstant(nanoseconds: 0)

    private static func endpoint(_ text: String, actual: String? = nil) throws -> BoundEndpoint {
        let endpoint = try Endpoint(text, for: .bind)
        return BoundEndpoint(text: endpoint.text, actual: ExactText(actual ?? text), target: endpoint.target)
    }

    private static func bound(_ text: String = "tcp://127.0.0.1:*") throws -> BoundSide {
        var side = BoundSide()
        side.willBind()
        side.add(try endpoint(text, actual: address))
        return side
    }

    private static func tell(_ side: inout BoundSide, _ kind: MonitorEvent.Kind) -> [BoundSide.Effect] {
        side.handle(MonitorEvent(kind: kind, address: address))
    }

    @Test("A side that was never bound has nothing, and hears of nothing")
    func unbound() {
        var side = BoundSide()
        #expect(side.isEmpty && !side.hasBegun && side.last == nil)
        #expect(Self.tell(&side, .accepted(descriptor: 7)).isEmpty, "of an endpoint that is not bound")
        #expect(side.peers == 0)
    }

    @Test("An endpoint answers to both of its names, and is what a connect to oneself would meet")
    func names() throws {
        let side = try Self.bound()
        #expect(side.endpoint(named: "tcp://127.0.0.1:*") != nil)
        #expect(side.endpoint(named: ExactText(Self.address))?.actual == ExactText(Self.address))
        #expect(side.endpoint(named: "tcp://127.0.0.1:5556") == nil)
        #expect(side.has(try Endpoint(Self.address, for: .connect)))
        #expect(side.has(try #require(NumericAddress("127.0.0.1", port: 5555))))
        #expect(!side.has(try Endpoint("tcp://127.0.0.1:5556", for: .connect)))
    }

    @Test(
        "The wildcard is called what leads to it over IPv4, and an IPv4 peer by its own address",
        arguments: [
            ("tcp://*:*", "tcp://[::]:5555", "tcp://0.0.0.0:5555"),
            ("tcp://*:5555", "tcp://0.0.0.0:5555", "tcp://0.0.0.0:5555"),
            ("tcp://[::]:*", "tcp://[::]:5555", "tcp://[::]:5555"),
            ("tcp://[::1]:*", "tcp://[::1]:5555", "tcp://[::1]:5555"),
        ]
    )
    func wildcard(text: String, actual: String, shown: String) throws {
        let endpoint = try Self.endpoint(text, actual: actual)
        #expect(endpoint.shown == ExactText(shown))
        for name in [text, actual, shown] { #expect(endpoint.answers(to: ExactText(name))) }
        guard actual == "tcp://[::]:5555" else { return }
        var side = BoundSide()
        side.add(endpoint)
        let mapped = "tcp://[::ffff:127.0.0.1]:5555"
        _ = side.handle(MonitorEvent(kind: .accepted(descriptor: 7), address: mapped))
        let effects = side.handle(MonitorEvent(kind: .handshakeSucceeded, address: mapped))
        #expect(effects == [.joined(address: "tcp://127.0.0.1:5555")])
    }

    @Test("A peer comes and goes")
    func peer() throws {
        var side = try Self.bound()
        #expect(Self.tell(&side, .accepted(descriptor: 7)) == [.opened(descriptor: 7)])
        #expect(side.peers == 0 && side.hasConnections)
        #expect(Self.tell(&side, .handshakeSucceeded) == [.joined(address: Self.address)])
        #expect(side.peers == 1)
        #expect(side.descriptors == [7])
        #expect(
            Self.tell(&side, .disconnected(descriptor: 7))
                == [.lost(descriptor: 7, address: Self.address)]
        )
        #expect(side.peers == 0 && !side.hasConnections)
    }

    @Test("A connection without a handshake is no peer that is lost")
    func rejection() throws {
        var side = try Self.bound()
        _ = Self.tell(&side, .accepted(descriptor: 7))
        _ = Self.tell(&side, .handshakeFailed(.authentication(status: 400)))
        let effects = Self.tell(&side, .disconnected(descriptor: 7))
        #expect(effects.first == .closed(descriptor: 7))
        guard case .rejected(Self.address, let failure, nil)? = effects.last else {
            Issue.record("no rejection among \(effects)")
            return
        }
        #expect(failure.code == .security)
        #expect(Self.tell(&side, .disconnected(descriptor: 99)) == [.closed(descriptor: 99)], "an unknown one")
    }

    @Test(
        "A probe is nobody who was rejected, and whoever is rejected after it is",
        arguments: [MonitorEvent.HandshakeFailure.emptyError, .emptyHello]
    )
    func probe(farewell: MonitorEvent.HandshakeFailure) throws {
        var side = try Self.bound()
        _ = Self.tell(&side, .accepted(descriptor: 7))
        #expect(Self.tell(&side, .handshakeFailed(farewell)).isEmpty)
        #expect(Self.tell(&side, .disconnected(descriptor: 7)) == [.closed(descriptor: 7)])
        _ = Self.tell(&side, .accepted(descriptor: 7))
        #expect(Self.tell(&side, .disconnected(descriptor: 7)).count == 2)
        #expect(side.peers == 0 && !side.hasConnections)
    }

    @Test("What an unbind ends is known by its descriptors, and a second endpoint keeps its own")
    func removing() throws {
        var side = try Self.bound()
        side.add(try Self.endpoint("tcp://127.0.0.1:6666"))
        _ = Self.tell(&side, .accepted(descriptor: 7))
        _ = side.handle(MonitorEvent(kind: .accepted(descriptor: 8), address: "tcp://127.0.0.1:6666"))
        let former = try #require(side.endpoint(named: ExactText(Self.address)))
        #expect(Self.remove(former, from: &side) == [7])
        #expect(side.last?.text == "tcp://127.0.0.1:6666")
        #expect(side.hasConnections)
    }

    private static func remove(_ endpoint: BoundEndpoint, from side: inout BoundSide) -> [Int32] {
        side.remove(endpoint)
    }

    @Test("A bind that a signal interrupted goes on for who comes back in time, and for nobody else")
    func interruptions() {
        func begin(_ text: ExactText, _ side: inout BoundSide, at now: MonotonicInstant) -> BindProgress {
            side.begin(
                text,
                until: Deadline(now.advanced(byNanoseconds: 100)),
                policy: ZMQRetryPolicy(),
                now: now
            )
        }
        var side = BoundSide()
        var progress = begin("tcp://a:1", &side, at: Self.start)
        progress.attempts = 3
        side.keep(progress)
        #expect(begin("tcp://a:1", &side, at: Self.start.advanced(byNanoseconds: 50)).attempts == 3)
        #expect(begin("tcp://a:1", &side, at: Self.start).attempts == 0, "it was taken")
        side.keep(progress)
        #expect(begin("tcp://b:1", &side, at: Self.start).attempts == 0)
        side.keep(progress)
        #expect(begin("tcp://a:1", &side, at: Self.start.advanced(byNanoseconds: 100)).attempts == 0, "too late")
    }

    @Test("Sockets of the process are counted by the bind they came through")
    func inproc() throws {
        var side = BoundSide()
        side.add(try Self.endpoint("inproc://name"))
        side.openInproc(1)
        #expect(side.inprocNames == ["name"])
        func change(_ number: UInt64, _ difference: Int) -> Bool {
            side.changeInprocClients(of: number, by: difference)
        }
        let changes = [change(1, 1), change(1, 1), change(1, -1), change(2, 1)]
        #expect(changes == [true, true, true, false])
        #expect(side.peers == 1)
        side.closeInproc(1)
        #expect(side.peers == 0)
        let late = change(1, -1)
        #expect(!late)
    }
}
