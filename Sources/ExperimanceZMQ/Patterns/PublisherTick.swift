// SPDX-License-Identifier: Apache-2.0

/// When a publisher that sends looks for notices: once in each tick of the coarse clock.
struct PublisherTick {
    private var last: Int64 = 0

    /// Whether it is time for the next look.
    ///
    /// - Parameter now: the coarse clock.
    @inline(__always)
    func isOver(at now: Int64) -> Bool { now != last }

    /// The same, and the look is made.
    mutating func begins(at now: Int64) -> Bool {
        guard isOver(at: now) else { return false }
        last = now
        return true
    }
}
