// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Whose connection it is", .watchdog)
struct AdmissionQueueTests {
    private typealias Candidate = AdmissionQueue.Candidate

    private static func peer(_ name: String) -> AdmittedPeer {
        let bytes = [UInt8](repeating: UInt8(name.utf8.count), count: 32)
        return AdmittedPeer(userID: name, publicKey: try? ZMQCurvePublicKey(bytes: bytes))
    }

    private static func tcp(_ descriptor: Int32) -> Candidate {
        Candidate(descriptor: descriptor, cookie: UInt64(descriptor) + 100, written: 234)
    }

    private static func local(_ descriptor: Int32) -> Candidate {
        Candidate(descriptor: descriptor, cookie: UInt64(descriptor) + 100, written: nil)
    }

    private func wrote(_ grown: Int32...) -> (Candidate) -> Int64? {
        { candidate in candidate.written.map { grown.contains(candidate.descriptor) ? $0 + 50 : $0 } }
    }

    @Test("It is the one to which more has been written since")
    func byWhatWasWritten() {
        var queue = AdmissionQueue()
        _ = queue.begin(Self.peer("a"), [Self.tcp(3), Self.tcp(4)])
        #expect(queue.succeeded() == Self.peer("a"))
        #expect(queue.resolve(written: wrote()) == .lookAgain)
        #expect(queue.resolve(written: wrote(4)) == .found(Self.tcp(4), mustEnd: false))
        #expect(queue.peer(at: 4) == Self.peer("a"))
        #expect(queue.peer(at: 3) == nil)
        #expect(queue.turn == nil)
    }

    @Test("Nobody is named who could be another: of one to which nothing was written, of two, of nobody")
    func neverAGuess() {
        for grown in [[Int32](), [3, 4], [9]] {
            var queue = AdmissionQueue()
            _ = queue.begin(Self.peer("a"), [Self.tcp(3), Self.tcp(4)])
            _ = queue.succeeded()
            var resolution = AdmissionQueue.Resolution.lookAgain
            var looks = 0
            while resolution == .lookAgain {
                resolution = queue.resolve { grown.contains($0.descriptor) ? 300 : $0.written }
                looks += 1
            }
            #expect(resolution == .unknown)
            #expect(looks < 30)
            #expect(queue.peer(at: 3) == nil && queue.peer(at: 4) == nil)
        }
        var single = AdmissionQueue()
        _ = single.begin(Self.peer("a"), [Self.tcp(3)])
        _ = single.succeeded()
        #expect(single.resolve(written: wrote()) == .lookAgain)
    }

    @Test("Over ipc it has to be the only one")
    func local() {
        var queue = AdmissionQueue()
        _ = queue.begin(Self.peer("a"), [Self.local(3)])
        _ = queue.succeeded()
        #expect(queue.resolve(written: wrote()) == .found(Self.local(3), mustEnd: false))
        _ = queue.begin(Self.peer("b"), [Self.local(4), Self.local(5)])
        _ = queue.succeeded()
        #expect(queue.resolve(written: wrote()) == .unknown)
    }

    @Test("What is heard after a turn that was given up may be that one's, as long as one of its candidates is there")
    func unheard() {
        var queue = AdmissionQueue()
        _ = queue.begin(Self.peer("a"), [Self.tcp(3), Self.tcp(4)])
        queue.giveUpTurn()
        _ = queue.begin(Self.peer("bb"), [Self.tcp(3), Self.tcp(5)])
        #expect(queue.succeeded() == nil)
        // It was the former one's.
        #expect(queue.resolve(written: wrote(3)) == .lookAgain)
        #expect(queue.resolve(written: wrote(3, 5)) == .found(Self.tcp(5), mustEnd: false))
        _ = queue.forget(3)
        _ = queue.forget(4)
        _ = queue.begin(Self.peer("ccc"), [Self.tcp(6)])
        #expect(queue.succeeded() == Self.peer("ccc"))
    }

    @Test("A turn whose last candidate is gone is over; a descriptor that comes again is another one's")
    func forgotten() {
        var queue = AdmissionQueue()
        _ = queue.begin(Self.peer("a"), [Self.tcp(3)])
        let isOverWithAnother = queue.forget(9)
        let isOver = queue.forget(3)
        #expect(!isOverWithAnother)
        #expect(isOver)
        #expect(queue.turn == nil)
        queue.note(Self.peer("a"), of: Self.tcp(3))
        _ = queue.forget(3)
        #expect(queue.peer(at: 3) == nil)
    }

    @Test("The links of a key end, and the one that is about to be found")
    func ends() throws {
        var queue = AdmissionQueue()
        let (a, b) = (Self.peer("a"), Self.peer("bb"))
        queue.note(a, of: Self.tcp(3))
        queue.note(b, of: Self.tcp(4))
        _ = queue.begin(a, [Self.tcp(5)])
        let ended = queue.end([try #require(a.publicKey)])
        #expect(ended.map(\.descriptor) == [3])
        #expect(ended.map(\.cookie) == [103])
        _ = queue.succeeded()
        #expect(queue.resolve(written: wrote(5)) == .found(Self.tcp(5), mustEnd: true))
    }

    @Test("A no is told as far as all that are on their way have it in common")
    func refusals() throws {
        var queue = AdmissionQueue()
        typealias Refused = AdmissionQueue.Refused
        let (a, b) = (Self.peer("a").publicKey, Self.peer("bb").publicKey)
        #expect(queue.failed() == nil)
        queue.note(Refused(refusal: .key, key: a))
        #expect(queue.failed() == Refused(refusal: .key, key: a))
        queue.note(Refused(refusal: .key, key: a))
        queue.note(Refused(refusal: .key, key: b))
        #expect(queue.failed() == Refused(refusal: .key, key: nil))
        queue.note(Refused(refusal: .address, key: nil))
        #expect(queue.failed() == nil)
        #expect(queue.failed() == Refused(refusal: .address, key: nil))
    }
}
