// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

/// The connections of a ROUTER whose ends libzmq may keep to itself.
@Suite("Ends that libzmq does not tell", .watchdog)
struct UntoldEndsTests {
    private let one = RouterRole.Connection(descriptor: 7, cookie: 1)
    private let other = RouterRole.Connection(descriptor: 8, cookie: 2)

    private func both(isLooking: Bool = false) -> UntoldEnds {
        var ends = UntoldEnds()
        ends.opened(one)
        ends.opened(other)
        if isLooking { _ = ends.beginLooking(at: true) }
        return ends
    }

    private func begin(_ ends: inout UntoldEnds, at all: Bool) -> Bool { ends.beginLooking(at: all) }

    private func look(
        _ ends: inout UntoldEnds,
        open: [RouterRole.Connection],
        alive: [RouterRole.Connection],
        isDrained: Bool = false
    ) -> (untold: [RouterRole.Connection], again: Bool) {
        ends.look(isDrained: isDrained, isOpen: { open.contains($0) }, isAlive: { alive.contains($0) })
    }

    @Test("The end of one whose identity another one has counts as untold at the second look, once")
    func displaced() {
        var ends = both()
        ends.displaced(one)
        #expect(look(&ends, open: [one, other], alive: [one, other]) == ([], true), "it may end later")
        #expect(look(&ends, open: [one, other], alive: [other]) == ([], true), "libzmq may be about to tell")
        #expect(look(&ends, open: [one, other], alive: [other]) == ([one], false))
        #expect(look(&ends, open: [one, other], alive: [other]) == ([], false))
    }

    @Test("An end behind a full queue is left to libzmq, until nothing is left to be received")
    func full() {
        var ends = both(isLooking: true)
        #expect(look(&ends, open: [one, other], alive: [other]) == ([], true))
        #expect(look(&ends, open: [one, other], alive: [other]) == ([], true))
        #expect(
            look(&ends, open: [one, other], alive: [other], isDrained: true) == ([], true),
            "the engine goes on now"
        )
        #expect(look(&ends, open: [one, other], alive: [other]) == ([one], false))
    }

    @Test("What libzmq has closed it has told")
    func told() {
        var ends = both()
        ends.displaced(one)
        #expect(look(&ends, open: [one, other], alive: [other]) == ([], true))
        #expect(look(&ends, open: [other], alive: [other]) == ([], false))
        ends.displaced(one)
        #expect(look(&ends, open: [other], alive: [other]) == ([], false))
    }

    @Test("Looks are arranged once")
    func arranging() {
        var none = UntoldEnds()
        #expect(!begin(&none, at: true))
        var ends = both()
        #expect(begin(&ends, at: true))
        #expect(!begin(&ends, at: false))
        #expect(look(&ends, open: [one, other], alive: [one, other]) == ([], false))
        #expect(begin(&ends, at: false))
    }

    @Test("What has an identity of its own is looked at when one is added, and then no more")
    func some() {
        var ends = both()
        ends.displaced(one)
        #expect(begin(&ends, at: false))
        #expect(look(&ends, open: [one], alive: [one]) == ([], true), "the other one is not asked after")
        #expect(!begin(&ends, at: true))
        #expect(look(&ends, open: [one, other], alive: [one]) == ([], true))
        #expect(look(&ends, open: [one, other], alive: [one], isDrained: true) == ([], true))
        #expect(look(&ends, open: [one, other], alive: [one]) == ([other], true))
    }

    @Test("A descriptor that is used again is another connection")
    func again() {
        var ends = both()
        let next = RouterRole.Connection(descriptor: 7, cookie: 3)
        ends.opened(next)
        ends.displaced(one)
        #expect(look(&ends, open: [next, other], alive: [next, other]) == ([], false))
    }
}
