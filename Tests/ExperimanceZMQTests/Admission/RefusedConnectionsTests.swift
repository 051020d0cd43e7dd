// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Who was told no", .watchdog)
struct RefusedConnectionsTests {
    private typealias Refused = RefusedConnections.Refused

    private static let keys = [1, 2].map { try? ZMQCurvePublicKey(bytes: [UInt8](repeating: $0, count: 32)) }
    private static let first = Refused(refusal: .key, key: keys[0])
    private static let second = Refused(refusal: .key, key: keys[1])

    @Test("The only one it can have been, when it ends, and nobody before the no was heard")
    func only() {
        var refused = RefusedConnections()
        refused.add(Self.first, [3])
        let unheard = refused.end(3)
        #expect(unheard == nil)
        refused.add(Self.first, [3])
        #expect(refused.hear() == [3])
        let another = refused.end(4)
        let itself = refused.end(3)
        let again = refused.end(3)
        #expect(another == nil)
        #expect(itself == Self.first)
        #expect(again == nil)
    }

    @Test("Of several nobody is certain, until the others are known to be peers")
    func several() {
        var refused = RefusedConnections()
        refused.add(Self.first, [3, 4])
        #expect(refused.hear().isEmpty)
        refused.exclude(4)
        let peer = refused.end(4)
        let itself = refused.end(3)
        #expect(peer == nil)
        #expect(itself == Self.first)
    }

    @Test("What is told is what all the noes have in common that may be meant")
    func common() {
        var refused = RefusedConnections()
        refused.add(Self.first, [3, 4])
        refused.add(Self.second, [3, 4])
        for _ in 0..<2 { _ = refused.hear() }
        let one = refused.end(4)
        let other = refused.end(3)
        #expect(one == Refused(refusal: .key, key: nil))
        #expect(other == Self.second)
        refused.add(Self.first, [3, 4])
        refused.add(Refused(refusal: .address, key: nil), [3, 4])
        for _ in 0..<2 { _ = refused.hear() }
        let neither = refused.end(4)
        #expect(neither == Refused(refusal: nil, key: nil))
    }

    @Test("A no that met nobody is not taken for the one that was heard")
    func unheard() {
        var refused = RefusedConnections()
        // Its peer had gone, and a good one was there.
        refused.add(Self.first, [3])
        refused.add(Self.second, [3, 4])
        #expect(refused.hear().isEmpty)
        refused.exclude(3)
        let itself = refused.end(4)
        #expect(itself == Self.second)
        refused.add(Self.first, [])
        #expect(refused.hear().isEmpty)
        let nobody = refused.end(5)
        #expect(nobody == nil)
    }

    @Test("No more are kept than can be on their way")
    func bounded() {
        var refused = RefusedConnections()
        for descriptor in Int32(0)..<600 { refused.add(Self.first, [descriptor]) }
        for _ in 0..<600 { _ = refused.hear() }
        let forgotten = refused.end(0)
        let kept = refused.end(599)
        #expect(forgotten == nil)
        #expect(kept == Self.first)
    }
}
