// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Shell

@Suite("Waits of the shell")
struct WaitingTests {
    @Test(
        "what is left until a deadline",
        arguments: [
            (10, 5, nil, 5, 10), (10, 5, nil, 14, 1), (10, 5, nil, 15, 0), (10, 5, nil, .max, 0),
            // It has got on, or will at a time that is still to come.
            (10, 5, 14, 15, 9), (10, 5, 100, 15, 95), (10, 5, .max, 15, .max - 15),
            // What is over at once, and what never is.
            (0, 5, nil, 5, 0), (.max, 5, nil, 5, .max - 5), (nil, 5, nil, .max, nil), (nil, 5, 9, 9, nil),
        ] as [(UInt64?, UInt64, UInt64?, UInt64, UInt64?)]
    )
    func deadline(patience: UInt64?, start: UInt64, progress: UInt64?, now: UInt64, left: UInt64?) {
        var deadline = Deadline(patience, from: start)
        if let progress { deadline.moveOn(from: progress) }
        #expect(deadline.left(at: now) == left)
    }

    @Test("a wait that may be given up")
    func givenUp() {
        #expect(MonotonicClock.wait(until: 0, unless: { false }))
        #expect(!MonotonicClock.wait(until: 0, unless: { true }))
        let due = MonotonicClock.now + 30_000_000
        #expect(MonotonicClock.wait(until: due, unless: { false }))
        #expect(MonotonicClock.now >= due)
        var looks = 0
        #expect(
            !MonotonicClock.wait(until: .max) {
                looks += 1
                return looks == 3
            }
        )
    }

    @Test("what is done alongside is over when it returns, also where that fails")
    func alongside() {
        struct Failed: Error {}
        for fails in [false, true] {
            let (isToEnd, hasEnded) = (Flag(), Flag())
            let work: @Sendable () -> Void = {
                while !isToEnd.isSet { MonotonicClock.sleep(for: 1_000_000) }
                hasEnded.set()
            }
            let result = try? BackgroundThread.alongside(work) {
                defer { isToEnd.set() }
                if fails { throw Failed() }
                return 1
            }
            #expect(result == (fails ? nil : 1))
            #expect(hasEnded.isSet)
        }
    }

    private final class Flag: Sendable {
        private let value = Atomic<Bool>(false)

        var isSet: Bool { value.load(ordering: .acquiring) }

        func set() { value.store(true, ordering: .releasing) }
    }
}
