// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Testing

@testable import ExperimanceZMQFaults

/// A flow without sockets and without a clock.
private struct FlowBench {
    var flow: Flow
    var now = MonotonicInstant(nanoseconds: 1_000_000_000)

    init(seed: UInt64 = 1) throws {
        flow = try #require(Flow(draw: { Draw(seed, $0, 1, .toTarget) }))
    }

    mutating func begin(_ effect: Fault.Effect, _ id: UInt32 = 1) { flow.begin(effect, id, at: now) }

    mutating func pass(_ milliseconds: Int64) { now = now.advanced(byNanoseconds: milliseconds * 1_000_000) }

    /// Has bytes read, all at once.
    mutating func read(_ bytes: [UInt8]) {
        #expect(flow.wantsBytes)
        let count = flow.take(at: now) { room in
            room.copyBytes(from: bytes)
            return bytes.count
        }
        #expect(count == bytes.count)
    }

    mutating func read(_ text: String) { read(Array(text.utf8)) }

    /// Writes what may be written now, at most `most` at once.
    mutating func write(atMost most: Int = .max) -> [UInt8] {
        var written: [UInt8] = []
        while case .write(let allowed) = flow.step(at: now) {
            let count = flow.give(allowed, at: now) { bytes in
                let part = bytes.prefix(most)
                written += part
                return part.count
            }
            #expect(count > 0)
        }
        return written
    }

    mutating func text() -> String { String(decoding: write(), as: UTF8.self) }

    mutating func step() -> Flow.Step { flow.step(at: now) }

    func later(_ milliseconds: Int64) -> MonotonicInstant { now.advanced(byNanoseconds: milliseconds * 1_000_000) }
}

@Suite("A flow")
struct FlowTests {
    @Test("Without faults it passes on what it is given, then the end")
    func plain() throws {
        var bench = try FlowBench()
        #expect(bench.step() == .idle)
        bench.read("abc")
        bench.read("def")
        #expect(bench.step() == .write(6))
        #expect(bench.text() == "abcdef")
        bench.read("g")
        bench.flow.takeEnd(at: bench.now)
        #expect(!bench.flow.wantsBytes)
        #expect(bench.text() == "g")
        #expect(bench.step() == .finish)
        bench.flow.finished()
        #expect(bench.step() == .done)
        #expect(bench.flow.takeStruck().isEmpty)
    }

    @Test("It holds so much and no more, and goes round")
    func bounded() throws {
        var bench = try FlowBench()
        let block = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var (read, written): ([UInt8], [UInt8]) = ([], [])
        for round in 0..<40 {
            while bench.flow.wantsBytes {
                let count = bench.flow.take(at: bench.now) { room in
                    let part = block.prefix(room.count)
                    room.copyBytes(from: part)
                    read += part
                    return part.count
                }
                #expect(count > 0)
            }
            #expect(read.count - written.count == ByteRing.capacity)
            guard case .write(let allowed) = bench.step() else { throw ZMQSocketError(.internal) }
            _ = bench.flow.give(allowed, at: bench.now) { bytes in
                let part = bytes.prefix(10_000 + round)
                written += part
                return part.count
            }
        }
        written += bench.write()
        #expect(written == read)
    }

    @Test("What can not be read or written changes nothing")
    func failures() throws {
        var bench = try FlowBench()
        #expect(bench.flow.take(at: bench.now) { _ in -11 } == -11)
        #expect(bench.step() == .idle)
        bench.read("x")
        #expect(bench.flow.give(1, at: bench.now) { _ in -11 } == -11)
        #expect(bench.step() == .write(1))
    }

    // MARK: Time

    @Test("Latency holds each chunk back, in order, and the end")
    func latency() throws {
        var bench = try FlowBench()
        bench.read("before ")
        bench.begin(.latency(.milliseconds(100), jitter: .zero))
        let first = bench.later(100)
        bench.read("first ")
        #expect(bench.text() == "before ")
        #expect(bench.step() == .wait(until: first))
        bench.pass(40)
        bench.read("second")
        bench.flow.takeEnd(at: bench.now)
        let second = bench.later(100)
        bench.pass(60)
        #expect(bench.text() == "first ")
        #expect(bench.step() == .wait(until: second))
        bench.pass(40)
        #expect(bench.text() == "second")
        #expect(bench.step() == .finish)
        #expect(bench.flow.takeStruck() == [1])
    }

    @Test("Jitter never changes the order, and is the same again")
    func jitter() throws {
        func releases(seed: UInt64) throws -> [Int64] {
            var bench = try FlowBench(seed: seed)
            bench.begin(.latency(.milliseconds(50), jitter: .milliseconds(50)))
            for number in 0..<50 { bench.read([UInt8(number)]) }
            var (at, order): ([Int64], [UInt8]) = ([], [])
            while case .wait(let next) = bench.step() {
                at.append(next.nanoseconds - 1_000_000_000)
                bench.now = next
                order += bench.write()
            }
            #expect(order == Array(0..<50))
            return at
        }
        let once = try releases(seed: 5)
        #expect(try releases(seed: 5) == once)
        #expect(try releases(seed: 6) != once)
        #expect(once == once.sorted())
        #expect(once.allSatisfy { (0...100_000_000).contains($0) })
        #expect(once.count > 1)
    }

    @Test("Two latencies add up; the last one removed lets all go")
    func latencies() throws {
        var bench = try FlowBench()
        bench.begin(.latency(.milliseconds(30), jitter: .zero), 1)
        bench.begin(.latency(.milliseconds(20), jitter: .zero), 2)
        bench.read("x")
        bench.flow.takeEnd(at: bench.now)
        #expect(bench.step() == .wait(until: bench.later(50)))
        bench.flow.end(1)
        #expect(bench.step() == .wait(until: bench.later(50)))
        bench.flow.end(2)
        #expect(bench.text() == "x")
        #expect(bench.step() == .finish)
    }

    @Test("A latency holds a bounded number of chunks")
    func chunks() throws {
        var bench = try FlowBench()
        bench.begin(.latency(.seconds(1), jitter: .zero))
        var count = 0
        while bench.flow.wantsBytes {
            bench.read("x")
            count += 1
        }
        #expect(count == 1_024)
        bench.pass(1_000)
        #expect(bench.write().count == 1_024)
        #expect(bench.flow.wantsBytes)
    }

    @Test("Bandwidth passes so much in a second, also with late wake-ups")
    func bandwidth() throws {
        var bench = try FlowBench()
        bench.begin(.bandwidth(bytesPerSecond: 10_000))
        bench.read([UInt8](repeating: 1, count: 60_000))
        var passed = 0
        let end = bench.later(5_000)
        while bench.now < end {
            passed += bench.write().count
            guard case .wait(let next) = bench.step() else { throw ZMQSocketError(.internal) }
            #expect(next > bench.now)
            // A timer is never early, and often late.
            bench.now = next
            bench.pass(1)
        }
        #expect((49_000...51_000).contains(passed))
    }

    @Test("Extreme bandwidths work")
    func bandwidths() throws {
        var bench = try FlowBench()
        bench.begin(.bandwidth(bytesPerSecond: .max))
        bench.read("all at once")
        #expect(bench.text() == "all at once")
        bench.flow.end(1)
        bench.begin(.bandwidth(bytesPerSecond: 1), 2)
        bench.read("abc")
        #expect(bench.step() == .write(1))
        bench.pass(10_000)
        // What has not been used is forgotten but for a moment.
        #expect(bench.text() == "a")
        bench.pass(1_000)
        #expect(bench.text() == "b")
    }

    @Test("Slices have their sizes and pauses")
    func slices() throws {
        var bench = try FlowBench()
        bench.begin(.slice(bytes: 10, spread: 4, pause: .milliseconds(5)))
        bench.read([UInt8](repeating: 1, count: 1_000))
        var sizes: [Int] = []
        while true {
            let piece = bench.write().count
            if piece == 0 { break }
            sizes.append(piece)
            if case .wait(let next) = bench.step() {
                #expect(next == bench.later(5))
                bench.now = next
            }
        }
        #expect(sizes.reduce(0, +) == 1_000)
        #expect(sizes.dropLast().allSatisfy { (6...14).contains($0) })
        #expect(Set(sizes.dropLast()).count > 3)
    }

    // MARK: Stops

    @Test("A stall passes so many bytes, and all when it is gone")
    func stall() throws {
        var bench = try FlowBench()
        bench.read("ab")
        #expect(bench.text() == "ab")
        bench.begin(.stall(afterBytes: 3))
        #expect(bench.flow.takeStruck().isEmpty)
        bench.read("cdefg")
        bench.flow.takeEnd(at: bench.now)
        #expect(bench.text() == "cde")
        #expect(bench.step() == .held)
        #expect(bench.flow.takeStruck() == [1])
        bench.flow.end(1)
        #expect(bench.text() == "fg")
        #expect(bench.step() == .finish)
    }

    @Test("What ends the connection does so at its byte", arguments: [Ending.reset, .close])
    func ending(how: Ending) throws {
        var bench = try FlowBench()
        let limit = Fault.Limit(bytes: 4)
        bench.begin(how == .reset ? .reset(after: limit) : .close(after: limit))
        bench.read("abc")
        #expect(bench.text() == "abc")
        #expect(bench.step() == .idle)
        bench.read("def")
        #expect(bench.text() == "d")
        #expect(bench.step() == .end(how))
        #expect(bench.flow.takeStruck() == [1])
    }

    @Test("An end comes before a hold at the same byte, and a hold before what lies behind it")
    func order() throws {
        var bench = try FlowBench()
        bench.begin(.stall(afterBytes: 2), 1)
        bench.begin(.reset(after: Fault.Limit(bytes: 2)), 2)
        bench.begin(.close(after: Fault.Limit(bytes: 3)), 3)
        bench.read("abcd")
        #expect(bench.text() == "ab")
        #expect(bench.step() == .end(.reset))
        bench.flow.end(2)
        #expect(bench.step() == .held)
        bench.flow.end(1)
        #expect(bench.text() == "c")
        #expect(bench.step() == .end(.close))
    }

    @Test("A stop beyond all numbers never comes")
    func beyond() throws {
        var bench = try FlowBench()
        bench.read("ab")
        #expect(bench.text() == "ab")
        bench.begin(.stall(afterBytes: .max))
        bench.read("cd")
        #expect(bench.text() == "cd")
    }

    @Test("A slow close delays the end alone")
    func slowClose() throws {
        var bench = try FlowBench()
        bench.begin(.slowClose(.milliseconds(70)))
        bench.read("x")
        bench.flow.takeEnd(at: bench.now)
        #expect(bench.text() == "x")
        #expect(bench.step() == .wait(until: bench.later(70)))
        #expect(bench.flow.takeStruck() == [1])
        bench.flow.end(1)
        #expect(bench.step() == .finish)
    }

    @Test("A reset comes at once; what delays an end delays it, and what was read before goes on")
    func loss() throws {
        var bench = try FlowBench()
        bench.read("x")
        bench.flow.takeLoss(at: bench.now)
        #expect(!bench.flow.wantsBytes)
        #expect(bench.step() == .lose)

        for effect in [Fault.Effect.slowClose(.milliseconds(70)), .latency(.milliseconds(70), jitter: .zero)] {
            bench = try FlowBench()
            bench.begin(effect)
            bench.read("x")
            bench.flow.takeLoss(at: bench.now)
            #expect(bench.flow.lossAt == bench.later(70))
            #expect(bench.flow.takeStruck() == [1])
            var held = bench
            held.pass(69)
            if case .slowClose = effect { #expect(held.text() == "x") }
            #expect(held.step() == .wait(until: held.later(1)))
            held.pass(1)
            #expect(held.step() == .lose)
            bench.flow.end(1)
            #expect(bench.step() == .lose)
        }
    }

    @Test("A reset behind an end that is passed on late is told when that would have been")
    func lossBehindAnEnd() throws {
        var bench = try FlowBench()
        bench.begin(.slowClose(.milliseconds(70)))
        bench.flow.takeEnd(at: bench.now)
        bench.pass(30)
        bench.flow.takeLoss(at: bench.now)
        #expect(bench.step() == .wait(until: bench.later(40)))
        bench.pass(40)
        #expect(bench.step() == .lose)
        // And behind one that has been passed on.
        bench = try FlowBench()
        bench.flow.takeEnd(at: bench.now)
        bench.flow.finished()
        bench.flow.takeLoss(at: bench.now)
        #expect(bench.step() == .lose)
    }

    // MARK: Content

    @Test("Bits are flipped at the rate, and the same ones whatever the pieces")
    func corruption() throws {
        func corrupted(seed: UInt64, rate: Double, piece: Int) throws -> [UInt8] {
            var bench = try FlowBench(seed: seed)
            bench.begin(.corrupt(rate: rate))
            var bytes: [UInt8] = []
            while bytes.count < 60_000 {
                bench.read([UInt8](repeating: 0, count: piece))
                bytes += bench.write()
            }
            return Array(bytes.prefix(60_000))
        }
        let once = try corrupted(seed: 9, rate: 0.05, piece: 1_000)
        #expect(try corrupted(seed: 9, rate: 0.05, piece: 7) == once)
        #expect(try corrupted(seed: 10, rate: 0.05, piece: 1_000) != once)
        #expect((2_700...3_300).contains(once.count { $0 != 0 }))
        #expect(once.allSatisfy { $0.nonzeroBitCount <= 1 })
        #expect(try corrupted(seed: 9, rate: 1, piece: 500).allSatisfy { $0.nonzeroBitCount == 1 })
        #expect(try corrupted(seed: 9, rate: .leastNonzeroMagnitude, piece: 500).allSatisfy { $0 == 0 })
    }
}
