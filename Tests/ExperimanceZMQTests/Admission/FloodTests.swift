// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("What strangers cost who come in numbers", .watchdog)
struct FloodTests {
    private typealias Connection = HalfOpenConnections.Connection

    /// Their descriptors are 0, 1, 2 ….
    private func connections(_ origins: [String]) -> HalfOpenConnections {
        var all = HalfOpenConnections()
        for (index, origin) in origins.enumerated() {
            all.opened(Connection(descriptor: Int32(index), cookie: UInt64(index) + 1, origin: PeerOrigin(origin)))
        }
        return all
    }

    @Test("The oldest of the address that has most goes, and nobody while there is room")
    func victims() {
        let origins = ["10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.3"]
        var all = connections(origins)
        let withRoom = all.takeVictim(limit: 4) { _ in .halfOpen }
        let victim = all.takeVictim(limit: 3) { _ in .halfOpen }
        let next = all.takeVictim(limit: 2) { _ in .halfOpen }
        #expect(withRoom == nil)
        #expect(victim?.descriptor == 1)
        #expect(next?.descriptor == 0)
        var none = HalfOpenConnections()
        let nobody = none.takeVictim(limit: 0) { _ in .halfOpen }
        #expect(nobody == nil)
        #expect((8...256).contains(HalfOpenConnections.limit))
    }

    @Test("Whose handshake is done is asked about once, and makes room")
    func done() {
        var all = connections(["10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2"])
        var asked: [Int32] = []
        func state(_ connection: Connection) -> HalfOpenConnections.State {
            asked.append(connection.descriptor)
            return connection.descriptor < 2 ? .other : .halfOpen
        }
        let first = all.takeVictim(limit: 3, state)
        #expect(first == nil)
        #expect(asked == [0])
        let second = all.takeVictim(limit: 1, state)
        #expect(second?.descriptor == 2)
        #expect(asked == [0, 1, 2])
        #expect(all.count == 1)
    }

    @Test("Who waits for a decision is passed over, as long as there are others and not too many wait")
    func waiting() {
        func victim(_ count: Int, _ state: (Int32) -> HalfOpenConnections.State) -> Int32? {
            var all = connections([String](repeating: "10.0.0.1", count: count))
            let victim = all.takeVictim(limit: count - 1) { state($0.descriptor) }
            #expect(all.count == count - 1)
            return victim?.descriptor
        }
        #expect(victim(4) { $0 < 2 ? .waiting : .halfOpen } == 2)
        #expect(victim(4) { _ in .waiting } == 0)
        #expect(victim(20) { _ in .waiting } == 8)
        #expect(victim(4) { $0 < 2 ? .waiting : $0 == 2 ? .other : .halfOpen } == nil)
    }

    @Test("A good peer is none of those that go while a flood from its address is no faster than its handshake")
    func goodPeer() {
        var all = connections([String](repeating: "10.0.0.1", count: 256))
        for number in Int32(256)..<512 {
            all.opened(Connection(descriptor: number, cookie: UInt64(number), origin: PeerOrigin("10.0.0.1")))
            let victim = all.takeVictim(limit: 256) { _ in .halfOpen }
            #expect(victim?.descriptor == number - 256)
        }
    }

    @Test("A rejected peer has a line once a second, and the next one tells of those without")
    func lines() {
        var lines = RejectionLines()
        let event = ZMQEvent(.peerRejected, message: "no")
        func at(_ milliseconds: Int64) -> MonotonicInstant {
            MonotonicInstant(nanoseconds: 1_000_000_000 + milliseconds * nanosecondsPerMillisecond)
        }
        #expect(lines.line(for: event, at: at(0))?.message == "no")
        #expect(lines.line(for: event, at: at(1)) == nil)
        #expect(lines.line(for: event, at: at(999)) == nil)
        #expect(lines.line(for: ZMQEvent(.lost), at: at(999)) != nil)
        #expect(lines.line(for: event, at: at(1000))?.message?.contains("2 more") == true)
        #expect(lines.line(for: event, at: at(2000))?.message == "no")
    }
}
