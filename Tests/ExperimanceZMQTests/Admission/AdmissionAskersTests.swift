// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Which connection asks", .watchdog)
struct AdmissionAskersTests {
    private typealias Candidate = AdmissionQueue.Candidate

    private static let place = PeerOrigin("10.0.0.1")
    private static let elsewhere = PeerOrigin("10.0.0.2")
    private let first = Candidate(descriptor: 3, cookie: 103, written: nil)
    private let second = Candidate(descriptor: 4, cookie: 104, written: nil)

    @Test("A question is of the only one that has not asked yet, and each asks once")
    func once() {
        var askers = AdmissionAskers()
        #expect(askers.ask(from: Self.place, [first]) == first)
        #expect(askers.ask(from: Self.place, [first]) == nil)
        // The first one may still wait for its answer.
        #expect(askers.ask(from: Self.place, [first, second]) == second)
    }

    @Test("Of two that have not asked nobody is taken for the one, then or later")
    func several() {
        var askers = AdmissionAskers()
        #expect(askers.ask(from: Self.place, [first, second]) == nil)
        #expect(askers.ask(from: Self.place, [first, second]) == nil)
        #expect(askers.ask(from: Self.place, []) == nil)
    }

    @Test("A descriptor that comes again is another one's, which has not asked")
    func again() {
        var askers = AdmissionAskers()
        let next = Candidate(descriptor: 3, cookie: 203, written: nil)
        #expect(askers.ask(from: Self.place, [first]) == first)
        #expect(askers.ask(from: Self.place, [next]) == next)
        let hadAsked = askers.forget(3)
        let hadAgain = askers.forget(3)
        #expect(hadAsked)
        #expect(!hadAgain)
        #expect(askers.ask(from: Self.place, [first]) == first)
    }

    @Test("While the question of one that is gone may still come, it may be that one's")
    func gone() {
        for origin in [Self.place, nil] {
            var askers = AdmissionAskers()
            askers.mayHaveAsked(from: origin)
            askers.mayHaveAsked(from: origin)
            #expect(askers.ask(from: Self.place, [first]) == nil)
            #expect((askers.ask(from: Self.elsewhere, [second]) == nil) == (origin == nil))
            askers.hasBeenRead(from: origin)
            #expect(askers.ask(from: Self.place, [first]) == nil)
            askers.hasBeenRead(from: origin)
            #expect(askers.ask(from: Self.place, [first]) == first)
        }
    }

    @Test("Nobody is taken for it while not all is heard, nor one that the kernel has no name for")
    func unheard() {
        var askers = AdmissionAskers()
        askers.isBehind = true
        #expect(askers.ask(from: Self.place, [first]) == nil)
        askers.isBehind = false
        #expect(askers.ask(from: Self.place, [Candidate(descriptor: 5, cookie: 0, written: nil)]) == nil)
        #expect(askers.ask(from: Self.place, [first]) == first)
    }
}
