// SPDX-License-Identifier: Apache-2.0

import DequeModule
package import ExperimanceZMQ

/// One direction of a connection: what has been read and not been passed on, and the faults on its way.
///
/// It decides how many bytes may go and when; who owns it reads and writes. The time is handed in.
package struct Flow {
    /// What is to be done next.
    package enum Step: Equatable {
        /// Pass on so many bytes.
        case write(Int)
        /// Nothing before that instant.
        case wait(until: MonotonicInstant)
        /// Nothing, until something has been read.
        case idle
        /// Nothing, until a fault is removed.
        case held
        /// Pass the end on.
        case finish
        /// Nothing any more: the end has been passed on.
        case done
        /// Tell that the side that bytes come from has been reset.
        case lose
        /// End the connection.
        case end(Ending)
    }

    /// What was read together, and when it may go.
    private struct Chunk {
        let end: UInt64
        let at: MonotonicInstant
    }

    /// What is read at once.
    private static let portion = 64 << 10
    private static let mostChunks = 1_024

    private let ring: ByteRing
    private let draw: (UInt32) -> Draw
    private var received: UInt64 = 0
    /// Bytes passed on.
    package private(set) var sent: UInt64 = 0
    /// What has not been let go; nothing while nothing is delayed.
    private var chunks: Deque<Chunk> = []
    /// Up to where bytes have been let go, while there are such chunks.
    private var released: UInt64 = 0
    /// When the end was read.
    private var endReadAt: MonotonicInstant?
    private var endAt = MonotonicInstant(nanoseconds: .min)
    /// The end is a reset.
    private var isLost = false
    private var isDone = false

    private var delays: [Tagged<Delay>] = []
    private var paces: [Tagged<Pace>] = []
    private var slicings: [Tagged<Slicing>] = []
    private var flippings: [Tagged<Flipping>] = []
    private var stops: [Tagged<Stop>] = []
    private var lateEnds: [Tagged<Int64>] = []
    private var struck: [UInt32] = []

    /// - Parameter draw: gives the random numbers of a fault.
    /// - Returns: nil without memory.
    init?(draw: @escaping (UInt32) -> Draw) {
        guard let ring = ByteRing() else { return nil }
        self.ring = ring
        self.draw = draw
    }

    // MARK: Faults

    /// Puts a fault on the way.
    mutating func begin(_ effect: Fault.Effect, _ id: UInt32, at now: MonotonicInstant) {
        switch effect {
        case .down, .http: break
        case .blackhole, .halfOpen: stop(.hold, after: 0, id)
        case .stall(let bytes): stop(.hold, after: bytes, id)
        case .reset(let limit): if let bytes = limit.bytes { stop(.end(.reset), after: bytes, id) }
        case .close(let limit): if let bytes = limit.bytes { stop(.end(.close), after: bytes, id) }
        case .latency(let delay, let jitter):
            let rule = Delay(delay: delay.clampedNanoseconds, jitter: jitter.clampedNanoseconds, draw: draw(id))
            delays.append(Tagged(id: id, rule: rule))
        case .bandwidth(let rate):
            paces.append(Tagged(id: id, rule: Pace(bytesPerSecond: rate, from: now)))
        case .slice(let bytes, let spread, let pause):
            let pause = pause.clampedNanoseconds
            let rule = Slicing(size: bytes, spread: spread, pause: pause, draw: draw(id), from: now)
            slicings.append(Tagged(id: id, rule: rule))
        case .slowClose(let delay):
            lateEnds.append(Tagged(id: id, rule: delay.clampedNanoseconds))
        case .corrupt(let rate):
            flippings.append(Tagged(id: id, rule: Flipping(rate: rate, draw: draw(id), from: received)))
        }
    }

    /// What is asked of Swift for the array in which such a fault is put.
    func bytesToGrow(for effect: Fault.Effect) -> Int {
        switch effect {
        case .down, .http: 0
        case .blackhole, .halfOpen, .stall, .reset, .close: stops.bytesToGrow
        case .latency: delays.bytesToGrow
        case .bandwidth: paces.bytesToGrow
        case .slice: slicings.bytesToGrow
        case .slowClose: lateEnds.bytesToGrow
        case .corrupt: flippings.bytesToGrow
        }
    }

    private mutating func stop(_ kind: Stop.Kind, after bytes: UInt64, _ id: UInt32) {
        let (place, isBeyond) = sent.addingReportingOverflow(bytes)
        stops.append(Tagged(id: id, rule: Stop(place: isBeyond ? .max : place, kind: kind)))
    }

    /// Takes a fault away. What was delayed by it alone may go.
    mutating func end(_ id: UInt32) {
        delays.removeAll { $0.id == id }
        paces.removeAll { $0.id == id }
        slicings.removeAll { $0.id == id }
        flippings.removeAll { $0.id == id }
        stops.removeAll { $0.id == id }
        lateEnds.removeAll { $0.id == id }
        guard delays.isEmpty else { return }
        chunks.removeAll()
        if lateEnds.isEmpty, let endReadAt { endAt = endReadAt }
    }

    /// The faults that have changed something since this was asked the last time; some may come again.
    mutating func takeStruck() -> [UInt32] {
        guard !struck.isEmpty else { return [] }
        defer { struck.removeAll() }
        return struck
    }

    private mutating func note<Rule>(_ rules: [Tagged<Rule>]) {
        for rule in rules where !struck.contains(rule.id) { struck.append(rule.id) }
    }

    // MARK: In

    /// Whether more may be read.
    var wantsBytes: Bool { ring.hasRoom && chunks.count < Self.mostChunks && endReadAt == nil }

    /// Reads into the buffer what there is room for.
    ///
    /// - Parameter read: returns how many bytes it has read, or a number that is not positive for none.
    /// - Returns: what `read` has returned.
    mutating func take(at now: MonotonicInstant, _ read: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        let room = unsafe ring.room(upTo: Self.portion)
        let count = unsafe read(room)
        guard count > 0 else { return count }
        let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: room[..<count])
        for index in flippings.indices where unsafe flippings[index].rule.flip(bytes, at: received) {
            note([flippings[index]])
        }
        ring.append(count)
        if chunks.isEmpty { released = received }
        received += UInt64(count)
        if !delays.isEmpty || !chunks.isEmpty { chunks.append(Chunk(end: received, at: release(from: now))) }
        return count
    }

    /// The sender has ended its direction.
    mutating func takeEnd(at now: MonotonicInstant) {
        guard endReadAt == nil else { return }
        let earliest = release(from: now)
        endReadAt = now
        endAt = lateEnds.reduce(earliest) { $0.advanced(byNanoseconds: $1.rule) }
        note(lateEnds)
    }

    /// The side that bytes come from has been reset, perhaps after an end that has not been passed on. What has been
    /// read goes on until that is told, which is as late as any end.
    mutating func takeLoss(at now: MonotonicInstant) {
        isLost = true
        takeEnd(at: now)
    }

    /// When the loss is to be told, if there is one.
    var lossAt: MonotonicInstant? { isLost ? endAt : nil }

    /// When what is read now may go: not before what was read earlier.
    private mutating func release(from now: MonotonicInstant) -> MonotonicInstant {
        var at = now
        for index in delays.indices { at = at.advanced(byNanoseconds: delays[index].rule.next()) }
        note(delays)
        return chunks.last.map { max($0.at, at) } ?? at
    }

    // MARK: Out

    /// What is to be done now.
    mutating func step(at now: MonotonicInstant) -> Step {
        guard !isDone || isLost else { return .done }
        var end = letGo(at: now)
        var isHeld = false
        for stop in stops {
            if stop.rule.place <= sent {
                note([stop])
                if case .end(let ending) = stop.rule.kind { return .end(ending) }
                isHeld = true
            }
            end = min(end, stop.rule.place)
        }
        if isHeld { return .held }
        if isLost, now >= endAt { return .lose }
        guard end > sent else {
            if let first = chunks.first { return .wait(until: first.at) }
            guard endReadAt != nil else { return .idle }
            return now < endAt ? .wait(until: endAt) : .finish
        }
        return pass(Int(clamping: end - sent), at: now)
    }

    /// Forgets the chunks whose time has come.
    ///
    /// - Returns: up to where bytes may go.
    private mutating func letGo(at now: MonotonicInstant) -> UInt64 {
        while let first = chunks.first, first.at <= now {
            released = first.end
            chunks.removeFirst()
        }
        return chunks.isEmpty ? received : released
    }

    /// How much of so many bytes may be written, in one piece.
    private mutating func pass(_ available: Int, at now: MonotonicInstant) -> Step {
        var most = available
        for pace in paces {
            guard now >= pace.rule.freeAt else { return .wait(until: pace.rule.freeAt) }
            most = min(most, pace.rule.portion)
        }
        for slicing in slicings {
            guard now >= slicing.rule.nextAt else { return .wait(until: slicing.rule.nextAt) }
            most = min(most, slicing.rule.rest)
        }
        return .write(most)
    }

    /// Writes at most so many bytes from the buffer.
    ///
    /// - Parameter write: returns how many bytes it has written, or a negative number for none.
    /// - Returns: what `write` has returned.
    mutating func give(_ most: Int, at now: MonotonicInstant, _ write: (UnsafeRawBufferPointer) -> Int) -> Int {
        let count = unsafe write(ring.bytes(upTo: most))
        guard count > 0 else { return count }
        ring.removeFirst(count)
        sent += UInt64(count)
        for index in paces.indices { paces[index].rule.passed(count, at: now) }
        for index in slicings.indices { slicings[index].rule.passed(count, at: now) }
        note(paces)
        note(slicings)
        return count
    }

    /// The end has been passed on.
    mutating func finished() { isDone = true }

    /// Whether the end has been passed on.
    package var isFinished: Bool { isDone }
}
