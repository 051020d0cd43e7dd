// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ExperimanceZMQ

@Suite("Connecting side", .watchdog)
struct ConnectingSideTests {
    private static let now = MonotonicInstant(nanoseconds: 1_000_000_000)

    private static func add(_ text: String, to side: inout ConnectingSide) throws -> Link {
        side.add(
            try Endpoint(text, for: .connect),
            mode: .background,
            policy: ZMQRetryPolicy(),
            deadline: nil,
            keepsPipe: true
        )
    }

    private static func tell(
        _ link: Link,
        of side: inout ConnectingSide,
        _ input: ConnectInput
    ) -> [ConnectAction] {
        side.handle(input, for: link, now: now)
    }

    /// From the first attempt to the handshake.
    private static func establish(_ link: Link, of side: inout ConnectingSide, descriptor: Int32) {
        _ = tell(link, of: &side, .start)
        for signal: MonitorEvent.Kind in [.connectDelayed, .connected(descriptor: descriptor), .handshakeSucceeded] {
            _ = tell(link, of: &side, .signal(signal))
        }
        _ = link.establish()
    }

    @Test("A link is known by its name, by its address once libzmq has it, and by its connection")
    func names() throws {
        var side = ConnectingSide()
        #expect(side.isEmpty && !side.hasBegun)
        let link = try Self.add("tcp://127.0.0.1:5555", to: &side)
        #expect(side.hasBegun)
        #expect(side.link(named: "tcp://127.0.0.1:5555") === link)
        #expect(side.link(at: "tcp://127.0.0.1:5555") == nil, "libzmq has not been told")
        Self.establish(link, of: &side, descriptor: 7)
        #expect(side.link(at: "tcp://127.0.0.1:5555") === link)
        #expect(side.link(at: "tcp://127.0.0.1:5555", besides: link) == nil)
        #expect(side.has(descriptor: 7) && !side.has(descriptor: 8))
        #expect(side.peers == 1)
        #expect(side.descriptors == [7])
    }

    @Test("The gate is closed exactly while an attempt is under way")
    func gate() throws {
        var side = ConnectingSide()
        let link = try Self.add("tcp://127.0.0.1:5555", to: &side)
        #expect(!side.isAttempting)
        _ = Self.tell(link, of: &side, .start)
        #expect(side.isAttempting)
        Self.establish(link, of: &side, descriptor: 7)
        #expect(!side.isAttempting)
        let other = try Self.add("tcp://127.0.0.1:5556", to: &side)
        _ = Self.tell(other, of: &side, .start)
        #expect(side.isAttempting)
        side.remove(other)
        #expect(!side.isAttempting, "an attempt that nobody wants any more")
    }

    @Test("A connection that is lost is not one that was ended")
    func losses() throws {
        var side = ConnectingSide()
        let link = try Self.add("tcp://127.0.0.1:5555", to: &side)
        Self.establish(link, of: &side, descriptor: 7)
        let actions = Self.tell(link, of: &side, .signal(.disconnected(descriptor: 7)))
        #expect(actions.first == .lost)
        #expect(!side.hasLostOne)
        #expect(link.end(isLost: true) == 7)
        #expect(link.end(isLost: true) == nil, "its descriptor is another's by now")
        #expect(side.hasLostOne)
        #expect(link.establish(), "it had been up before")
    }

    @Test("Two names of one address are one link, and it stands for both")
    func merging() throws {
        var side = ConnectingSide()
        let first = try Self.add("tcp://127.0.0.1:5555", to: &side)
        Self.establish(first, of: &side, descriptor: 7)
        let second = try Self.add("tcp://localhost:5555", to: &side)
        side.merge(second, into: first, now: Self.now)
        #expect(second.mergedInto === first)
        #expect(!side.contains(second))
        #expect(side.link(named: "tcp://localhost:5555") === first)
        #expect(side.all.count == 1)
    }

    @Test("A connect that failed is no link to join; one that a signal interrupted is")
    func liveLinks() throws {
        var side = ConnectingSide()
        let link = try Self.add("tcp://127.0.0.1:5555", to: &side)
        let name: ExactText = "tcp://127.0.0.1:5555"
        #expect(side.liveLink(named: name) === link)
        link.finish(.noAnswer)
        #expect(side.liveLink(named: name) == nil)
        #expect(side.link(named: name) === link)
        link.isInterrupted = true
        #expect(side.liveLink(named: name) === link)
    }

    @Test("Why there is no link is what the last attempt said")
    func reasons() throws {
        var side = ConnectingSide()
        let link = try Self.add("tcp://127.0.0.1:5555", to: &side)
        #expect(side.lastFailure == nil)
        _ = Self.tell(link, of: &side, .start)
        _ = Self.tell(link, of: &side, .connectRejected(ConnectFailure(zmqErrno: EADDRNOTAVAIL)))
        #expect(side.lastFailure?.code == .addressNotAvailable)
        Self.establish(try Self.add("tcp://127.0.0.1:5556", to: &side), of: &side, descriptor: 7)
        #expect(side.lastFailure?.code == .addressNotAvailable, "of the one that is not up")
    }

    @Test("Within the process a link is up while its name is bound")
    func inproc() throws {
        var side = ConnectingSide()
        let link = try Self.add("inproc://name", to: &side)
        let server = InprocDirectory.Server(socket: 5, number: 1)
        #expect(link.isInproc && !link.isEstablished)
        #expect(link.failureAtDeadline.code == .refused)
        let wasUpBefore = link.connect(to: server)
        #expect(!wasUpBefore)
        #expect(side.peers == 1)
        #expect(link.leaveServer(isLost: true) == server)
        #expect(side.peers == 0 && side.hasLostOne)
        let isUpAgain = link.connect(to: server)
        #expect(isUpAgain)
    }
}
