// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

/// What is heard of connections that have the same descriptor, one after the other.
@Suite("Message sources", .watchdog)
struct MessageSourcesTests {
    private final class Keeper {}

    private static let descriptor: Int32 = 7

    private func origin(_ place: UInt) -> Frame.Origin { Frame.Origin(descriptor: Self.descriptor, place: place) }

    /// The first message through the connection that libzmq keeps at `place`.
    private func meet(_ sources: inout MessageSources, _ place: UInt, cookie: UInt64) -> (
        number: UInt64, gone: UInt64?
    ) {
        #expect(sources.known(origin(place)) == nil)
        let (number, gone) = sources.meet(origin(place), cookie: cookie, keeper: Keeper())
        return (number, gone)
    }

    @Test("A connection is the same for all of its messages, and no later one is")
    func numbers() {
        var sources = MessageSources()
        let first = meet(&sources, 1, cookie: 11)
        #expect(sources.known(origin(1)) == first.number)
        #expect(sources.ended(Self.descriptor, later: .none) == first.number)
        #expect(sources.ended(Self.descriptor, later: .none) == nil)
        let second = meet(&sources, 1, cookie: 12)
        #expect(second.number != first.number)
        #expect(second.gone == nil)
    }

    @Test("A message is kept as long as its connection may speak")
    func kept() {
        var sources = MessageSources()
        weak var weakly: Keeper?
        do {
            let keeper = Keeper()
            weakly = keeper
            _ = sources.meet(origin(1), cookie: 11, keeper: keeper)
        }
        #expect(weakly != nil)
        _ = sources.ended(Self.descriptor, later: .none)
        #expect(weakly == nil)
        #expect(sources.count == 0)
    }

    @Test("Whoever is the next with a descriptor shows that the former one is gone, and outlives its end")
    func overtaken() {
        var sources = MessageSources()
        let first = meet(&sources, 1, cookie: 11)
        let second = meet(&sources, 2, cookie: 12)
        #expect(second.gone == first.number)
        #expect(sources.ended(Self.descriptor, later: .one(cookie: 12)) == nil)
        #expect(sources.known(origin(2)) == second.number)
        #expect(sources.ended(Self.descriptor, later: .none) == second.number)
    }

    @Test("Three with one descriptor before anybody has heard of an end")
    func severalOvertaken() {
        var sources = MessageSources()
        _ = meet(&sources, 1, cookie: 11)
        let second = meet(&sources, 2, cookie: 12)
        let third = meet(&sources, 3, cookie: 13)
        #expect(third.gone == second.number)
        #expect(sources.ended(Self.descriptor, later: .several) == nil)
        #expect(sources.ended(Self.descriptor, later: .one(cookie: 13)) == nil)
        #expect(sources.known(origin(3)) == third.number)
        #expect(sources.ended(Self.descriptor, later: .none) == third.number)
    }

    @Test("Who had spoken before the next one had its descriptor is gone, though that has not spoken")
    func silentSuccessor() {
        var sources = MessageSources()
        let first = meet(&sources, 1, cookie: 11)
        #expect(sources.ended(Self.descriptor, later: .one(cookie: 12)) == first.number)
        #expect(meet(&sources, 2, cookie: 12).gone == nil)
    }

    @Test(
        "Of whom nobody knows whether it was the end of its connection, its next word tells",
        arguments: [MessageSources.LaterUse.one(cookie: 12), .one(cookie: 0), .several]
    )
    func uncertain(later: MessageSources.LaterUse) {
        var sources = MessageSources()
        // The first connection has never spoken.
        let second = meet(&sources, 2, cookie: 12)
        #expect(sources.ended(Self.descriptor, later: later) == nil)
        #expect(sources.known(origin(2)) == second.number)
        // So it has been the second one's, whose end is the next.
        var other = sources
        #expect(other.ended(Self.descriptor, later: .none) == second.number)
        let third = meet(&sources, 3, cookie: 13)
        #expect(third.gone == second.number)
        #expect(sources.ended(Self.descriptor, later: .one(cookie: 13)) == nil)
        #expect(sources.ended(Self.descriptor, later: .none) == third.number)
    }

    @Test("Of whom nobody knows whether it was the end of its connection, the next one's word tells")
    func uncertainAndGone() {
        var sources = MessageSources()
        let first = meet(&sources, 1, cookie: 12)
        #expect(sources.ended(Self.descriptor, later: .one(cookie: 12)) == nil)
        let second = meet(&sources, 2, cookie: 12)
        #expect(second.gone == first.number)
        // The end of the first one has been told before.
        #expect(sources.ended(Self.descriptor, later: .none) == second.number)
        #expect(sources.count == 0)
    }

    @Test("Without the kernel's name nothing is concluded")
    func nameless() {
        var sources = MessageSources()
        _ = meet(&sources, 1, cookie: 0)
        #expect(sources.ended(Self.descriptor, later: .one(cookie: 12)) == nil)
        #expect(sources.count == 1)
    }
}
