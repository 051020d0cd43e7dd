// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Testing

@testable import ExperimanceZMQFaults

@Suite("A fault")
struct FaultTests {
    static let sensible: [(Fault.Effect, Fault.Direction)] = [
        (.down, .both), (.blackhole, .both), (.http, .both), (.halfOpen, .toTarget), (.halfOpen, .toClient),
        (.reset(after: Fault.Limit()), .both), (.close(after: Fault.Limit(bytes: 1, time: .zero)), .toClient),
        (.latency(.milliseconds(1), jitter: .milliseconds(1)), .both), (.bandwidth(bytesPerSecond: 1), .toTarget),
        (.slice(bytes: 1, spread: 0, pause: .zero), .both), (.slowClose(.milliseconds(Int32.max)), .both),
        (.corrupt(rate: 1), .both), (.corrupt(rate: .leastNonzeroMagnitude), .both), (.stall(afterBytes: 0), .both),
    ]

    @Test("It is taken as it is", arguments: sensible)
    func good(effect: Fault.Effect, direction: Fault.Direction) throws {
        let fault = try Fault(effect, direction)
        #expect(fault.effect == effect)
        #expect(fault.direction == direction)
    }

    /// What makes no sense, and the field that is named.
    static let senseless: [(Fault.Effect, Fault.Direction, UInt32?, Double, String)] = [
        (.down, .toTarget, nil, 1, "direction"), (.down, .both, 1, 1, "count"), (.down, .both, nil, 0.5, "share"),
        (.blackhole, .toClient, nil, 1, "direction"), (.http, .toTarget, nil, 1, "direction"),
        (.halfOpen, .both, nil, 1, "direction"), (.blackhole, .both, 0, 1, "count"),
        (.blackhole, .both, nil, 0, "share"), (.blackhole, .both, nil, -0.1, "share"),
        (.blackhole, .both, nil, 1.01, "share"), (.blackhole, .both, nil, .nan, "share"),
        (.latency(.zero, jitter: .zero), .both, nil, 1, "delay_ms"),
        (.latency(.milliseconds(-1), jitter: .zero), .both, nil, 1, "delay_ms"),
        (.latency(.seconds(3_000_000), jitter: .zero), .both, nil, 1, "delay_ms"),
        (.latency(.milliseconds(1), jitter: .milliseconds(2)), .both, nil, 1, "jitter_ms"),
        (.latency(.milliseconds(1), jitter: .milliseconds(-1)), .both, nil, 1, "jitter_ms"),
        (.bandwidth(bytesPerSecond: 0), .both, nil, 1, "bytes_per_second"),
        (.slice(bytes: 0, spread: 0, pause: .zero), .both, nil, 1, "slice_bytes"),
        (.slice(bytes: 2, spread: 2, pause: .zero), .both, nil, 1, "slice_spread"),
        (.slice(bytes: 2, spread: 1, pause: .milliseconds(-1)), .both, nil, 1, "pause_ms"),
        (.slowClose(.zero), .both, nil, 1, "delay_ms"), (.slowClose(.seconds(-1)), .both, nil, 1, "delay_ms"),
        (.corrupt(rate: 0), .both, nil, 1, "flip_rate"), (.corrupt(rate: 1.5), .both, nil, 1, "flip_rate"),
        (.corrupt(rate: .nan), .both, nil, 1, "flip_rate"),
        (.reset(after: Fault.Limit(time: .seconds(-1))), .both, nil, 1, "after_ms"),
        (.close(after: Fault.Limit(time: .seconds(Int64.max))), .both, nil, 1, "after_ms"),
    ]

    @Test("What makes no sense is refused, and the field named", arguments: senseless.indices)
    func bad(index: Int) {
        let (effect, direction, count, share, field) = Self.senseless[index]
        do throws(ZMQSocketError) {
            _ = try Fault(effect, direction, count: count, share: share)
            Issue.record("\(effect) was taken")
        } catch {
            #expect(error.code == .invalid)
            #expect(error.message.contains(field))
        }
    }
}

@Suite("The book of faults")
struct FaultBookTests {
    private let silence: Fault
    init() throws { silence = try Fault(.blackhole) }

    private func struck(_ book: FaultBook, _ id: UInt32, among connections: ClosedRange<UInt64>) -> [UInt64] {
        connections.filter { book.strikes(id, on: $0) }
    }

    @Test("A fault strikes all connections, those before it as well")
    func all() throws {
        var book = FaultBook(seed: 1)
        let id = try book.add(silence, after: 5)
        #expect(id == 1)
        #expect(struck(book, id, among: 1...9) == Array(1...9))
    }

    @Test("A fault with a count strikes the next ones")
    func next() throws {
        var book = FaultBook(seed: 1)
        let id = try book.add(Fault(.blackhole, count: 2), after: 5)
        #expect(struck(book, id, among: 1...20) == [6, 7])
        let last = try book.add(Fault(.blackhole, count: .max), after: .max - 1)
        #expect(struck(book, last, among: (.max - 2)...(.max)) == [.max])
    }

    @Test("A share is drawn from seed, fault and connection alone")
    func share() throws {
        let half = try Fault(.blackhole, share: 0.5)
        var book = FaultBook(seed: 7)
        var other = FaultBook(seed: 7)
        var stranger = FaultBook(seed: 8)
        let (first, second) = (try book.add(half, after: 0), try book.add(half, after: 0))
        // What happens in between is of no account.
        _ = try other.add(silence, after: 3)
        _ = try other.remove(1)
        let same = try other.add(half, after: 999)
        let strange = try stranger.add(half, after: 0)
        let drawn = struck(book, first, among: 1...1_000)
        #expect((430...570).contains(drawn.count))
        #expect(struck(other, same, among: 1...1_000) == struck(book, second, among: 1...1_000))
        #expect(struck(stranger, strange, among: 1...1_000) != drawn)
        #expect(struck(book, second, among: 1...1_000) != drawn)
    }

    @Test("Of the next ones a share is struck")
    func both() throws {
        var book = FaultBook(seed: 3)
        let id = try book.add(Fault(.blackhole, count: 100, share: 0.3), after: 10)
        let drawn = struck(book, id, among: 1...1_000)
        #expect((10...50).contains(drawn.count))
        #expect(drawn.allSatisfy { (11...110).contains($0) })
    }

    @Test("Being down is the proxy's, and no connection's")
    func down() throws {
        var book = FaultBook(seed: 1)
        let (first, second) = (try book.add(Fault(.down), after: 0), try book.add(Fault(.down), after: 0))
        #expect(book.strikes(on: 1).isEmpty)
        #expect(try book.remove(first) != nil)
        #expect(book.isDown)
        #expect(try book.remove(second) != nil)
        #expect(!book.isDown)
    }

    @Test("A number that is not there is told from one that never was")
    func numbers() throws {
        var book = FaultBook(seed: 1)
        let id = try book.add(silence, after: 0)
        book.noteStrike(of: id)
        #expect(try book.strikes(of: id) == 1)
        #expect(try book.remove(id) == silence)
        #expect(try book.remove(id) == nil)
        #expect(throws: ZMQSocketError.self) { try book.strikes(of: id) }
        for never in [0, id + 1, .max] {
            let error = #expect(throws: ZMQSocketError.self) { _ = try book.remove(never) }
            #expect(error?.code == .invalid)
        }
    }

    @Test("There is a limit, and numbers are not given again")
    func limit() throws {
        var book = FaultBook(seed: 1)
        for _ in 0..<FaultBook.mostFaults { _ = try book.add(silence, after: 0) }
        let error = #expect(throws: ZMQSocketError.self) { _ = try book.add(silence, after: 0) }
        #expect(error?.code == .limit)
        _ = try book.remove(1)
        #expect(try book.add(silence, after: 0) == UInt32(FaultBook.mostFaults) + 1)
        #expect(book.strikes(on: 1).map(\.id) == Array(2...UInt32(FaultBook.mostFaults) + 1))
    }
}
