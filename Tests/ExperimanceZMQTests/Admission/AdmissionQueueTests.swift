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

    private static let place = PeerOrigin("10.0.0.1")
    private static let start = MonotonicInstant(nanoseconds: 1_000_000_000)
    private static let muchLater = start.advanced(byNanoseconds: 6_000_000_000)

    /// A yes that is given up, with these who may have been meant.
    private func leave(_ queue: inout AdmissionQueue, _ peer: AdmittedPeer, _ candidates: [Candidate]) {
        _ = queue.begin(peer, from: Self.place, candidates)
        #expect(queue.giveUpTurn(now: Self.start) == [])
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
        _ = queue.begin(Self.peer("a"), from: Self.place, [Self.tcp(3), Self.tcp(4)])
        #expect(queue.succeeded(now: Self.start) == Self.peer("a"))
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
            _ = queue.begin(Self.peer("a"), from: Self.place, [Self.tcp(3), Self.tcp(4)])
            _ = queue.succeeded(now: Self.start)
            var resolution = AdmissionQueue.Resolution.lookAgain
            var looks = 0
            while resolution == .lookAgain {
                resolution = queue.resolve { grown.contains($0.descriptor) ? 300 : $0.written }
                looks += 1
            }
            #expect(resolution == .unknown(mustEnd: []))
            #expect(looks <= 200)
            #expect(queue.peer(at: 3) == nil && queue.peer(at: 4) == nil)
        }
        var single = AdmissionQueue()
        _ = single.begin(Self.peer("a"), from: Self.place, [Self.tcp(3)])
        _ = single.succeeded(now: Self.start)
        #expect(single.resolve(written: wrote()) == .lookAgain)
    }

    @Test("Where only one can have done it, it is known at once: it may be gone before anything can be seen of it")
    func onlyOne() throws {
        var queue = AdmissionQueue()
        _ = queue.begin(Self.peer("a"), from: Self.place, [Self.tcp(3)])
        #expect(queue.succeeded(now: Self.start, only: Self.tcp(3)) == Self.peer("a"))
        #expect(queue.resolve(written: wrote()) == .found(Self.tcp(3), mustEnd: false))
        #expect(queue.peer(at: 3) == Self.peer("a"))
        // It may be another's handshake, or another may be behind the connection.
        leave(&queue, Self.peer("bb"), [Self.tcp(4)])
        _ = queue.begin(Self.peer("ccc"), from: Self.place, [Self.tcp(5)])
        #expect(queue.succeeded(now: Self.start, only: Self.tcp(5)) == nil)
        #expect(queue.resolve(written: wrote()) == .lookAgain)
        #expect(queue.resolve(written: wrote(5)) == .found(Self.tcp(5), mustEnd: false))
        _ = queue.begin(Self.peer("dddd"), from: Self.place, [Self.tcp(4)])
        #expect(queue.succeeded(now: Self.muchLater, only: Self.tcp(4)) == Self.peer("dddd"))
        #expect(queue.resolve(written: wrote()) == .unknown(mustEnd: []))
        #expect(queue.peer(at: 4) == nil)
    }

    @Test("The only one ends with its key, also where that is taken away at that very moment")
    func onlyOneEnds() throws {
        var queue = AdmissionQueue()
        _ = queue.begin(Self.peer("a"), from: Self.place, [Self.tcp(3)])
        #expect(queue.end([try #require(Self.peer("a").publicKey)]).isEmpty)
        _ = queue.succeeded(now: Self.start, only: Self.tcp(3))
        #expect(queue.resolve(written: wrote()) == .found(Self.tcp(3), mustEnd: true))
    }

    @Test("Over ipc it has to be the only one")
    func local() {
        var queue = AdmissionQueue()
        _ = queue.begin(Self.peer("a"), from: Self.place, [Self.local(3)])
        _ = queue.succeeded(now: Self.start)
        #expect(queue.resolve(written: wrote()) == .found(Self.local(3), mustEnd: false))
        _ = queue.begin(Self.peer("b"), from: Self.place, [Self.local(4), Self.local(5)])
        _ = queue.succeeded(now: Self.start)
        #expect(queue.resolve(written: wrote()) == .unknown(mustEnd: []))
    }

    @Test("An ERROR that is written meanwhile is not a READY")
    func errors() {
        var queue = AdmissionQueue()
        _ = queue.begin(Self.peer("a"), from: Self.place, [Self.tcp(3), Self.tcp(4)])
        _ = queue.succeeded(now: Self.start)
        let resolution = queue.resolve { $0.descriptor == 3 ? 234 + 12 : 234 + 60 }
        #expect(resolution == .found(Self.tcp(4), mustEnd: false))
    }

    @Test("What is heard after a turn that was given up may be that one's, as long as libzmq gives a handshake")
    func unheard() {
        var queue = AdmissionQueue()
        leave(&queue, Self.peer("a"), [Self.tcp(3), Self.tcp(4)])
        _ = queue.begin(Self.peer("bb"), from: Self.place, [Self.tcp(3), Self.tcp(5)])
        #expect(queue.succeeded(now: Self.start) == nil)
        #expect(queue.resolve(written: wrote()) == .lookAgain)
        // Nobody else could have been meant.
        #expect(queue.resolve(written: wrote(5)) == .found(Self.tcp(5), mustEnd: false))
        _ = queue.begin(Self.peer("ccc"), from: Self.place, [Self.tcp(6)])
        #expect(queue.succeeded(now: Self.muchLater) == Self.peer("ccc"))
    }

    @Test("A link that may be either of two peers' ends with either, and with no other")
    func doubts() throws {
        for ended in 0..<3 {
            var queue = AdmissionQueue()
            let peers = [Self.peer("a"), Self.peer("bb"), Self.peer("ccc")]
            leave(&queue, peers[0], [Self.tcp(3), Self.tcp(4)])
            _ = queue.begin(peers[1], from: Self.place, [Self.tcp(3)])
            _ = queue.succeeded(now: Self.start)
            #expect(queue.resolve(written: wrote(3)) == .unknown(mustEnd: []))
            #expect(queue.peer(at: 3) == nil)
            _ = queue.forget(4)
            let key = try #require(peers[ended].publicKey)
            #expect(queue.end([key]).map(\.descriptor) == (ended < 2 ? [3] : []))
            _ = queue.forget(3)
            #expect(queue.end([key]).isEmpty)
        }
    }

    @Test("Where two have grown, or none, the links that may be a key's end with it")
    func unresolved() throws {
        for grown in [[Int32](), [3, 4]] {
            var queue = AdmissionQueue()
            let key = try #require(Self.peer("a").publicKey)
            _ = queue.begin(Self.peer("a"), from: Self.place, [Self.tcp(3), Self.tcp(4)])
            _ = queue.succeeded(now: Self.start)
            #expect(queue.end([key]).isEmpty)
            var resolution = AdmissionQueue.Resolution.lookAgain
            while resolution == .lookAgain {
                resolution = queue.resolve { grown.contains($0.descriptor) ? 300 : $0.written }
            }
            #expect(resolution == .unknown(mustEnd: [Self.tcp(3), Self.tcp(4)]))
            #expect(Set(queue.end([key]).map(\.descriptor)) == [3, 4])
        }
    }

    @Test("In doubt about more keys than are kept a link ends with any")
    func manyDoubts() throws {
        var queue = AdmissionQueue()
        for number in 1...UInt32(AdmissionDoubts.mostKeys + 1) {
            let bytes = (0..<32).map { UInt8(truncatingIfNeeded: number >> UInt32($0 % 4 * 8)) }
            let key = try ZMQCurvePublicKey(bytes: bytes)
            leave(&queue, AdmittedPeer(userID: "", publicKey: key), [Self.tcp(3)])
        }
        let key = try #require(Self.peer("a").publicKey)
        #expect(queue.end([key]).map(\.descriptor) == [3])
    }

    @Test("A turn whose last candidate is gone is over; a descriptor that comes again is another one's")
    func forgotten() {
        var queue = AdmissionQueue()
        _ = queue.begin(Self.peer("a"), from: Self.place, [Self.tcp(3)])
        let withAnother = queue.forget(9)
        let withItsOwn = queue.forget(3)
        #expect(withAnother == .none)
        #expect(withItsOwn == .over)
        #expect(queue.turn == nil)
        queue.note(Self.peer("a"), of: Self.tcp(3))
        _ = queue.forget(3)
        #expect(queue.peer(at: 3) == nil)
    }

    @Test("Who breaks off has nobody wait long: a few looks")
    func disturbed() {
        var queue = AdmissionQueue()
        _ = queue.begin(Self.peer("a"), from: Self.place, [Self.tcp(3), Self.tcp(4), Self.tcp(5)])
        let first = queue.forget(5)
        let second = queue.forget(4)
        #expect(first == .disturbed)
        #expect(second == .none)
        _ = queue.succeeded(now: Self.start)
        var looks = 1
        while queue.resolve(written: wrote()) == .lookAgain { looks += 1 }
        #expect(looks == 5)
    }

    @Test("When many wait all come in at once: who is alone at a place is known, the others end with each other's keys")
    func crowd() throws {
        var queue = AdmissionQueue()
        let other = PeerOrigin("10.0.0.2")
        for number in 0..<32 {
            #expect(!queue.isCrowded)
            let peer = Self.peer(number == 0 ? "a" : number == 1 ? "bb" : "ccc")
            queue.wait(Admission(peer: peer, origin: number == 0 ? other : Self.place, letIn: { true }))
        }
        #expect(queue.isCrowded)
        let all = queue.takeAll(now: Self.start) { $0 == other ? [Self.tcp(3)] : [Self.tcp(4), Self.tcp(5)] }
        #expect(all.count == 32)
        #expect(!queue.isCrowded)
        #expect(queue.peer(at: 3) == Self.peer("a"))
        #expect(queue.peer(at: 4) == nil && queue.peer(at: 5) == nil)
        #expect(queue.end([try #require(Self.peer("a").publicKey)]).map(\.descriptor) == [3])
        #expect(Set(queue.end([try #require(Self.peer("bb").publicKey)]).map(\.descriptor)) == [4, 5])
        #expect(queue.end([try #require(Self.peer("dddd").publicKey)]).isEmpty)
    }

    @Test("The links of a key end, and the one that is about to be found")
    func ends() throws {
        var queue = AdmissionQueue()
        let (a, b) = (Self.peer("a"), Self.peer("bb"))
        queue.note(a, of: Self.tcp(3))
        queue.note(b, of: Self.tcp(4))
        _ = queue.begin(a, from: Self.place, [Self.tcp(5)])
        let ended = queue.end([try #require(a.publicKey)])
        #expect(ended.map(\.descriptor) == [3])
        #expect(ended.map(\.cookie) == [103])
        _ = queue.succeeded(now: Self.start)
        #expect(queue.resolve(written: wrote(5)) == .found(Self.tcp(5), mustEnd: true))
    }

    @Test("A turn is hurried once, when more want to come in from a place than are there, and not when it is done")
    func hurried() {
        var queue = AdmissionQueue()
        _ = queue.begin(Self.peer("a"), from: Self.place, [Self.tcp(3)])
        #expect(queue.askers(from: Self.place) == 1)
        for place in [Self.place, PeerOrigin("10.0.0.2")] {
            queue.wait(Admission(peer: Self.peer("bb"), origin: place, letIn: { true }))
        }
        #expect(queue.askers(from: Self.place) == 2)
        let first = queue.hurry()
        let second = queue.hurry()
        #expect([first, second] == [true, false])
        _ = queue.giveUpTurn(now: Self.start)
        _ = queue.begin(Self.peer("a"), from: Self.place, [Self.tcp(3)])
        _ = queue.succeeded(now: Self.start)
        let whenDone = queue.hurry()
        #expect(!whenDone)
    }
}
