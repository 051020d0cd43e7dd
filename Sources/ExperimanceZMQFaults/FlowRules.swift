// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC

// What faults do to the bytes of one direction: each a value with what it has to remember.

/// A rule with the number of the fault it comes from.
struct Tagged<Rule> {
    let id: UInt32
    var rule: Rule
}

extension Array {
    /// What it asks for to take one more: nothing while there is room, else twice of what it has.
    var bytesToGrow: Int { count < capacity ? 0 : 2 * (count + 1) * MemoryLayout<Element>.stride }
}

/// Bytes are passed on later than they are read.
struct Delay {
    let delay: Int64
    let jitter: Int64
    var draw: Draw

    /// Nanoseconds for what has been read together.
    mutating func next() -> Int64 { delay + draw.around(jitter) }
}

/// No more bytes a second than so many.
struct Pace {
    /// How long bytes that could have gone may be made up for, in nanoseconds: timers are late by a millisecond.
    private static let memory: Int64 = 50 * nanosecondsPerMillisecond

    let bytesPerSecond: UInt64
    /// When what has been passed on is paid for.
    private(set) var freeAt: MonotonicInstant

    init(bytesPerSecond: UInt64, from now: MonotonicInstant) {
        self.bytesPerSecond = bytesPerSecond
        freeAt = now
    }

    /// At most so many bytes at once: a fiftieth of a second's.
    var portion: Int { Int(clamping: max(1, bytesPerSecond / 50)) }

    mutating func passed(_ count: Int, at now: MonotonicInstant) {
        let price = Int64(Double(count) * 1e9 / Double(bytesPerSecond))
        freeAt = max(freeAt, now.advanced(byNanoseconds: -Self.memory)).advanced(byNanoseconds: price)
    }
}

/// Bytes go in pieces.
struct Slicing {
    private let size: Int64
    private let spread: Int64
    private let pause: Int64
    private var draw: Draw
    /// What is left of the present piece.
    private(set) var rest: Int
    private(set) var nextAt: MonotonicInstant

    init(size: UInt32, spread: UInt32, pause: Int64, draw: Draw, from now: MonotonicInstant) {
        (self.size, self.spread, self.pause, self.draw) = (Int64(size), Int64(spread), pause, draw)
        nextAt = now
        rest = 0
        rest = drawSize()
    }

    private mutating func drawSize() -> Int { Int(size + draw.around(spread)) }

    mutating func passed(_ count: Int, at now: MonotonicInstant) {
        rest -= count
        guard rest <= 0 else { return }
        rest = drawSize()
        nextAt = now.advanced(byNanoseconds: pause)
    }
}

/// Bits are flipped.
struct Flipping {
    private let rate: Double
    private var draw: Draw
    /// The place of the next byte to be changed, counted in bytes of the direction.
    private var next: UInt64

    init(rate: Double, draw: Draw, from place: UInt64) {
        self.rate = rate
        self.draw = draw
        next = place
        next += gap()
    }

    /// How many bytes are left alone: geometrically distributed, so that no byte has to be asked about.
    private mutating func gap() -> UInt64 {
        guard rate < 1 else { return 0 }
        let number = log(1 - draw.fraction()) / log1p(-rate)
        return number < 0x1p52 ? UInt64(number) : 1 << 52
    }

    /// - Parameter place: of the first of the bytes.
    /// - Returns: whether a bit was flipped.
    mutating func flip(_ bytes: UnsafeMutableRawBufferPointer, at place: UInt64) -> Bool {
        let first = next
        while next < place + UInt64(bytes.count) {
            unsafe bytes[Int(next - place)] ^= 1 << UInt8(draw.below(8))
            next += 1 + gap()
        }
        return next != first
    }
}

/// Where a direction comes to a stop, counted in bytes that have been passed on.
struct Stop {
    enum Kind: Equatable {
        /// Nothing more is passed on.
        case hold
        /// The connection is ended.
        case end(Ending)
    }

    let place: UInt64
    let kind: Kind
}

/// How a connection is ended.
package enum Ending: Sendable {
    case reset
    case close
}
