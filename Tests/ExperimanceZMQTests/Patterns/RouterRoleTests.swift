// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

/// Which connection of a ROUTER has which identity.
@Suite("The role of a ROUTER", .watchdog)
struct RouterRoleTests {
    private final class Keeper {}

    private let router = RouterRole()

    /// A connection: what libzmq and the kernel call it.
    private struct Peer {
        let descriptor: Int32
        let cookie: UInt64

        var origin: Frame.Origin { Frame.Origin(descriptor: descriptor, place: UInt(cookie)) }
        var connection: RouterRole.Connection { .init(descriptor: descriptor, cookie: cookie) }
    }

    private func heard(_ name: String, _ peer: Peer, alive: [Peer] = []) -> RouterRole.Hearing {
        var hearing = whole(name, peer, alive: alive)
        hearing.displaced = nil
        return hearing
    }

    /// With who had the identity.
    private func whole(_ name: String, _ peer: Peer, alive: [Peer] = []) -> RouterRole.Hearing {
        router.heard(Array(name.utf8), from: peer.origin, cookie: peer.cookie, keeper: Keeper()) { connection in
            alive.contains { $0.connection == connection }
        }
    }

    private func isKnown(_ name: String, _ peer: Peer) -> Bool {
        Array(name.utf8).withUnsafeBytes { router.isKnown($0, from: peer.origin) }
    }

    private let nothing = RouterRole.Hearing()
    private let takenOver = RouterRole.Hearing(isTakenOver: true)

    @Test("Of two that bring one identity the older is passed over, until the newer is gone")
    func identities() {
        let older = Peer(descriptor: 7, cookie: 1)
        let other = Peer(descriptor: 8, cookie: 2)
        let newer = Peer(descriptor: 9, cookie: 3)
        let all = [older, other, newer]
        #expect(heard("cam", older, alive: all) == nothing)
        #expect(heard("other", other, alive: all) == nothing)
        #expect(isKnown("cam", older) && isKnown("other", other))
        #expect(heard("cam", newer, alive: all) == takenOver)
        #expect(isKnown("cam", newer) && !isKnown("cam", older))
        #expect(router.connectionIsGone(8, later: .none).isEmpty)
        #expect(router.connectionIsGone(9, later: .none) == [older.connection])
        #expect(router.connectionIsGone(9, later: .none).isEmpty)
        #expect(heard("cam", older, alive: all) == nothing, "it has come again")
        #expect(heard("cam", newer, alive: [newer]) == nothing, "who was restarted passes nobody over")
    }

    @Test("A descriptor that is used again has the identity it brings now")
    func renamed() {
        let former = Peer(descriptor: 7, cookie: 1)
        let present = Peer(descriptor: 7, cookie: 2)
        let other = Peer(descriptor: 8, cookie: 3)
        let alive = [present, other]
        #expect(heard("a", former, alive: alive) == nothing)
        #expect(heard("b", present, alive: alive) == nothing)
        #expect(!isKnown("a", former))
        #expect(heard("a", other, alive: alive) == nothing, "nobody has it any more")
    }

    @Test("The end of a former connection, heard of late, takes nothing from the next one with its descriptor")
    func lateEnd() {
        let camera = Peer(descriptor: 9, cookie: 1)
        let former = Peer(descriptor: 7, cookie: 2)
        let present = Peer(descriptor: 7, cookie: 3)
        let alive = [camera, present]
        #expect(heard("cam", camera, alive: alive) == nothing)
        #expect(heard("former", former, alive: alive) == nothing)
        #expect(heard("cam", present, alive: alive) == takenOver)
        #expect(router.connectionIsGone(7, later: .one(cookie: 3)).isEmpty, "that was the former one")
        #expect(isKnown("cam", present))
        let third = Peer(descriptor: 8, cookie: 4)
        #expect(heard("cam", third, alive: alive + [third]) == takenOver, "from the one that is still there")
        #expect(router.connectionIsGone(7, later: .none) == [camera.connection])
    }

    @Test("A peer that was restarted under its identity is another connection, before its former end is heard of")
    func restarted() {
        let former = Peer(descriptor: 7, cookie: 1)
        let present = Peer(descriptor: 7, cookie: 2)
        let third = Peer(descriptor: 8, cookie: 3)
        #expect(heard("cam", former) == nothing)
        #expect(!isKnown("cam", present))
        #expect(heard("cam", present, alive: [present]) == nothing)
        #expect(router.connectionIsGone(7, later: .one(cookie: 2)).isEmpty)
        #expect(heard("cam", third, alive: [present, third]) == takenOver)
    }

    @Test("Those whom a former connection had passed over come again when the next one with its descriptor speaks")
    func comingAgain() {
        let older = Peer(descriptor: 8, cookie: 1)
        let newer = Peer(descriptor: 7, cookie: 2)
        let next = Peer(descriptor: 7, cookie: 3)
        #expect(heard("cam", older) == nothing)
        #expect(heard("cam", newer, alive: [older]) == takenOver)
        #expect(heard("other", next, alive: [older, next]) == RouterRole.Hearing(comingAgain: [older.connection]))
    }

    @Test("Who loses an identity is told, dead or alive")
    func displaced() {
        let first = Peer(descriptor: 7, cookie: 1)
        let second = Peer(descriptor: 8, cookie: 2)
        let third = Peer(descriptor: 9, cookie: 3)
        #expect(whole("cam", first).displaced == nil)
        #expect(whole("cam", second, alive: [first, second]).displaced == first.connection)
        #expect(whole("cam", third, alive: [third]).displaced == second.connection)
        #expect(whole("other", second, alive: [second]).displaced == nil)
    }
}
