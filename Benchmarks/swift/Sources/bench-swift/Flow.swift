// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import OtherSide

/// A stream of numbered messages, with a tenth of them as a warm-up.
struct Flow: Sendable {
    let size: Int
    let count: Int
    var warmUp: Int { count / 10 }
    var total: Int { count + warmUp }
}

/// Takes the time of a stream, and checks each message as it comes.
struct Meter {
    private let size: Int
    private let warmUp: Int
    private let total: Int
    private var number = 0
    private var start: Int64 = 0

    init(_ flow: Flow) {
        size = flow.size
        warmUp = flow.warmUp
        total = flow.total
        if warmUp == 0 { start = monotonic_nanoseconds() }
    }

    /// Whether that was the last one.
    @inline(__always)
    mutating func take(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount == size, unsafe bytes.unsafeLoadUnaligned(as: Int.self) == number else {
            fail("message \(number) is missing")
        }
        number += 1
        if number == warmUp { start = monotonic_nanoseconds() }
        return number == total
    }

    /// Prints the seconds.
    func report() {
        print(Double(monotonic_nanoseconds() - start) / 1e9)
    }
}
