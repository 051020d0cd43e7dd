// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// Random numbers that are the same for the same fault, connection and purpose, however a run goes.
struct Draw: Sendable {
    enum Purpose: UInt64 {
        case share = 1
        case toTarget = 2
        case toClient = 3

        init(_ way: Way) { self = way == .toTarget ? .toTarget : .toClient }
    }

    private var generator: SplitMix64

    init(_ seed: UInt64, _ fault: UInt32, _ connection: UInt64, _ purpose: Purpose) {
        var state = seed
        for number in [UInt64(fault), connection, purpose.rawValue] {
            var mixer = SplitMix64(seed: state ^ number)
            state = mixer.next()
        }
        generator = SplitMix64(seed: state)
    }

    /// From 0 to less than 1.
    mutating func fraction() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

    /// From 0 to less than `end`, which is not 0.
    mutating func below(_ end: UInt64) -> UInt64 { generator.next(upperBound: end) }

    /// From minus to plus the number, which is not negative.
    mutating func around(_ number: Int64) -> Int64 {
        number == 0 ? 0 : Int64(below(2 * UInt64(number) + 1)) - number
    }
}
