// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Life of a socket", .watchdog)
struct LifeTests {
    @Test("It goes one way, each step once")
    func steps() {
        var life = Life()
        #expect(life.isOpen)
        let steps = [life.end(), life.end(), life.beginClosing(), life.end(), life.beginClosing()]
        #expect(steps == [true, false, true, false, false])
        #expect(life.phase == .closing)
    }

    @Test("It may be closed without having been ended before")
    func shortcut() {
        var life = Life()
        let isFirst = life.beginClosing()
        #expect(isFirst)
        #expect(!life.isOpen)
    }

    @Test("The slot is given back once, when it is closing and nobody is in it any more")
    func leaving() {
        var life = Life()
        #expect(Self.leave(&life, isEmpty: true) == false, "it is open")
        _ = life.end()
        #expect(Self.leave(&life, isEmpty: true) == false, "libzmq's socket is still there")
        _ = life.beginClosing()
        #expect(Self.leave(&life, isEmpty: false) == false, "somebody is still in it")
        #expect(Self.leave(&life, isEmpty: true) == true)
        #expect(Self.leave(&life, isEmpty: true) == false, "it has been given back")
        #expect(life.phase == .gone)
    }

    private static func leave(_ life: inout Life, isEmpty: Bool) -> Bool { life.leave(isEmpty: isEmpty) }
}
