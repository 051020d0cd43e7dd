// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Testing

@testable import ExperimanceZMQ

/// A call that finds a long way to go on an XPUB leaves most of it to the supervisor, and the lock to others meanwhile.
@Suite("Portions of an XPUB's notices", .watchdog)
struct XPUBPortionTests {
    private typealias Way = (name: String, receive: @Sendable (ZMQSocket) -> ZMQSocketError.Code?)

    /// All that a receive goes through, with what it answers when it does not wait.
    private static let ways: [Way] = [
        (
            "into a buffer",
            { xpub in
                var size = 0
                return xpub.handle.receive(into: nil, capacity: 0, size: &size, timeout: 0)
            }
        ),
        ("as a message", { xpub in code { _ = try xpub.handle.receiveMessage(timeout: 0) } }),
        ("shown to a function", { xpub in xpub.handle.receive(timeout: 0) { _ in .ok } }),
        (
            "in a batch",
            { xpub in
                var (count, sizes) = (0, [0])
                return sizes.withUnsafeMutableBufferPointer {
                    let nothing = UnsafeMutableRawBufferPointer(start: nil, count: 0)
                    return xpub.handle.receiveMany(into: nothing, sizes: $0, count: &count, timeout: 0)
                }
            }
        ),
        ("ahead", { xpub in code { _ = try xpub.receive(timeout: .zero) } }),
    ]

    private static let topics = 20_000

    @Test("Of notices that are for nobody a receive takes a portion, and what is behind them comes later")
    func untold() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let (xpub, endpoint) = try bound(in: context)
        let (first, second) = (try subscriber(at: endpoint, in: context), try subscriber(at: endpoint, in: context))
        defer { withExtendedLifetime((first, second)) {} }
        try subscribe(first, xpub)
        let supervisor = try HeldSupervisor(of: context)
        for topic in 0..<Self.topics { try second.subscribe(to: "\(topic)") }
        try second.subscribe(to: "told")
        for way in Self.ways {
            #expect(way.receive(xpub) == .timeout, "\(way.name)")
            // Nobody but this thread works anything off, so the lock is free and the most is still to be done.
            #expect(try xpub.statistics().messagesReceived == UInt64(Self.topics))
        }
        supervisor.release()
        #expect(try xpub.receive(timeout: ample) == [1] + Array("told".utf8))
        try xpub.waitForSubscribers(of: "\(Self.topics - 1)", atLeast: 2, timeout: .zero)
    }

    @Test("While a loss is worked off a receive waits for it, and what comes after it stays in order")
    func losses() throws {
        let context = try ZMQContext()
        defer { try? context.close(linger: .zero) }
        let (xpub, endpoint) = try bound(in: context)
        let leaving = try subscriber(at: try xpub.bind("tcp://127.0.0.1:0"), in: context)
        let late = try subscriber(at: endpoint, in: context)
        defer { withExtendedLifetime((leaving, late)) {} }
        try subscribe(leaving, xpub)
        let found = socketSlots.slot(of: xpub.handle.rawValue)?.core(of: xpub.handle.rawValue)
        let core = try #require(found)
        let publisher = try #require(core.role.publisher)
        let supervisor = try HeldSupervisor(of: context)
        for way in Self.ways { try late.subscribe(to: way.name) }
        core.locked {
            for descriptor in core.bound.descriptors { core.subscriptionsLost(with: descriptor, isOutgoing: false) }
            #expect(publisher.isLosing)
        }
        for way in Self.ways {
            #expect(way.receive(xpub) == .timeout, "\(way.name)")
            core.locked { #expect(publisher.isLosing, "\(way.name)") }
        }
        supervisor.release()
        for way in Self.ways { #expect(try xpub.receive(timeout: ample) == [1] + Array(way.name.utf8)) }
        core.locked { #expect(!publisher.isLosing) }
        #expect(Self.code { try xpub.waitForSubscribers(of: "0", timeout: .zero) } == .timeout)
    }

    // MARK: What they begin with

    private func bound(in context: ZMQContext) throws -> (ZMQSocket, String) {
        let xpub = try ZMQSocket(.xpub, context: context)
        return (xpub, try xpub.bind(Carrier.inproc.freeEndpoint))
    }

    private func subscriber(at endpoint: String, in context: ZMQContext) throws -> ZMQSubscriber {
        let subscriber = try ZMQSubscriber(context: context)
        try subscriber.connect(endpoint, timeout: ample)
        return subscriber
    }

    /// To everything, which the application is told of.
    private func subscribe(_ subscriber: ZMQSubscriber, _ xpub: ZMQSocket) throws {
        for topic in 0..<Self.topics { try subscriber.subscribe(to: "\(topic)") }
        for _ in 0..<Self.topics { _ = try xpub.receive(timeout: ample) }
    }

    private static func code(_ body: () throws -> Void) -> ZMQSocketError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ZMQSocketError)?.code
        }
    }
}

/// The supervisor of a context, kept from working until it is released.
private struct HeldSupervisor {
    private let end = DispatchSemaphore(value: 0)

    init(of context: ZMQContext) throws {
        let (isHeld, end) = (DispatchSemaphore(value: 0), end)
        try context.core().supervisor.perform {
            isHeld.signal()
            end.wait()
        }
        isHeld.wait()
    }

    func release() { end.signal() }
}
