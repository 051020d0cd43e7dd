// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Measuring

@Suite("What the two sides say")
struct MessageTests {
    private func read(_ bytes: [UInt8]) -> MeasuringMessage? { unsafe MeasuringMessage(bytes.span.bytes) }

    @Test("what is written is read again")
    func both() {
        for message in [
            MeasuringMessage(.hello, run: 7, number: 1), MeasuringMessage(.echo, run: .max, number: .max),
            MeasuringMessage(.report, run: 0, number: 258, fields: [1, 1 << 63, 3]),
        ] {
            #expect(read(message.written) == message)
            #expect(read(message.written + [1, 2, 3]) == message)
            #expect((0..<message.written.count).allSatisfy { read(Array(message.written.prefix($0))) == nil })
        }
    }

    @Test("it is on the wire as it says")
    func wire() {
        let written = MeasuringMessage(.item, run: 0x0102_0304, number: 0x0506).written
        #expect(written == Array("exzM".utf8) + [4, 3, 2, 1, 6, 5, 0, 0, 0, 0, 0, 0])
    }

    @Test("another number")
    func renumbered() {
        var bytes = MeasuringMessage(.item, run: 3, number: 1).written + [9]
        MeasuringMessage.renumber(&bytes, 513)
        #expect(read(bytes) == MeasuringMessage(.item, run: 3, number: 513))
        #expect(bytes.last == 9)
        var short: [UInt8] = [1]
        MeasuringMessage.renumber(&short, 1)
        #expect(short == [1])
    }

    @Test("what is none of them")
    func others() {
        #expect(read(Array("exz?".utf8) + Array(repeating: 0, count: 12)) == nil)
        #expect(read(Array("exyM".utf8) + Array(repeating: 0, count: 12)) == nil)
        #expect(read([]) == nil)
    }
}

@Suite("The side that answers")
struct AnsweringTests {
    private var state = AnsweringState()

    private mutating func take(_ kind: MeasuringMessage.Kind, _ number: UInt64 = 0, run: UInt32 = 1)
        -> AnsweringState.Answer
    {
        state.take(
            MeasuringMessage(kind, run: run, number: number),
            from: run == 0 ? nil : [UInt8(truncatingIfNeeded: run)]
        )
    }

    @Test mutating func aRun() {
        #expect(take(.hello, 1) == .message(MeasuringMessage(.welcome, run: 1, number: MeasuringMessage.version)))
        #expect(take(.begin, 2) == .nothing)
        #expect(take(.item, 0) == .nothing)
        #expect(take(.item, 2) == .message(MeasuringMessage(.progress, run: 1, number: 2)))
        #expect(take(.item, 2) == .nothing)
        #expect(take(.end, 4) == .message(MeasuringMessage(.report, run: 1, number: 2, fields: [2, 1, 0])))
        // Another one begins anew.
        #expect(take(.begin, 0) == .nothing)
        #expect(take(.item, 0) == .message(MeasuringMessage(.progress, run: 1, number: 1)))
        #expect(take(.echo) == .back)
        #expect(take(.bye) == .bye)
        #expect(take(.bye) == .nothing)
    }

    @Test("who has not said hello is only sent back what is to be sent back")
    mutating func strangers() {
        for kind in [.begin, .item, .end, .bye, .welcome, .progress, .report] as [MeasuringMessage.Kind] {
            #expect(take(kind) == .nothing)
        }
        #expect(take(.echo) == .back)
    }

    @Test("of those who say hello again and again the first are forgotten")
    mutating func many() {
        for run in 0..<1_000 { _ = take(.hello, run: UInt32(run)) }
        let answers = (0..<1_000).map { take(.bye, run: UInt32($0)) }
        #expect(answers == (0..<1_000).map { $0 < 936 ? .nothing : .bye })
    }

    @Test("who is lost is forgotten, and nobody else")
    mutating func lost() {
        for run in 0..<3 { _ = take(.hello, run: UInt32(run)) }
        let forgotten = [[1], [1], [7]].map { state.forget(at: $0) }
        #expect(forgotten == [true, false, false])
        let known = (0..<3).map { take(.end, run: $0) != .nothing }
        #expect(known == [true, false, true])
        let isForgotten = state.forget(at: nil)
        let left = (0..<3).map { take(.bye, run: $0) }
        #expect(isForgotten)
        #expect(left == [.nothing, .nothing, .bye])
    }
}
