// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What lies in front of everything that a handle leads to, beside its lock: what a signal handler may look at and
/// change without that.
///
/// Nothing in here is a variable, which the thread sanitizer and Swift's rules would want to be locked.
struct Cancelable: ~Copyable {
    /// The generation of the handle in the upper half; in the lower how often it was cancelled, and in the lowest bit
    /// whether the handle is good.
    fileprivate let life = Atomic<UInt64>(0)
    fileprivate let link: CancelLink

    /// - Parameter id: a handle of it, of whatever generation.
    init(id: UInt64) {
        link = CancelLink(id: id)
    }
}

typealias CancelablePointer = UnsafeMutablePointer<Cancelable>

extension UnsafeMutablePointer<Cancelable> {
    private static var isGood: UInt64 { 1 }
    private static var lowerHalf: UInt64 { UInt64(UInt32.max) }

    /// The generation that a handle names.
    private static func generation(of id: UInt64) -> UInt64 { id >> 24 & lowerHalf }

    /// The handle is good from now on, and has not been cancelled.
    func begin(_ id: UInt64) {
        pointee.life.store(Self.generation(of: id) << 32 | Self.isGood, ordering: .releasing)
    }

    /// The handle is good no more.
    func end() {
        _ = pointee.life.bitwiseAnd(~Self.isGood, ordering: .acquiringAndReleasing)
    }

    /// How often it was cancelled; another number is all that counts.
    @inline(__always)
    var cancels: UInt32 { UInt32(truncatingIfNeeded: pointee.life.load(ordering: .acquiring)) >> 1 }

    /// Whether the handle is good now.
    func isGood(_ id: UInt64) -> Bool { isGood(id, pointee.life.load(ordering: .acquiring)) }

    private func isGood(_ id: UInt64, _ life: UInt64) -> Bool {
        life & Self.isGood != 0 && life >> 32 == Self.generation(of: id) && id >> 56 == pointee.link.id >> 56
    }

    /// Whether the handle has been a good one.
    func hasBeenGood(_ id: UInt64) -> Bool {
        let latest = UInt32(truncatingIfNeeded: pointee.life.load(ordering: .acquiring) >> 32)
        let generation = UInt32(truncatingIfNeeded: Self.generation(of: id))
        return generation != 0 && latest &- generation < UInt32.max / 2
    }

    /// Changes how often it was cancelled. May be called in a signal handler.
    ///
    /// - Returns: false if the handle is not good.
    func setCancels(_ id: UInt64, _ change: (UInt32) -> UInt32) -> Bool {
        while true {
            let life = pointee.life.load(ordering: .relaxed)
            guard isGood(id, life) else { return false }
            let cancels = change(UInt32(truncatingIfNeeded: life) >> 1) & UInt32.max >> 1
            let changed = life & ~Self.lowerHalf | UInt64(cancels) << 1 | Self.isGood
            if pointee.life.compareExchange(expected: life, desired: changed, ordering: .acquiringAndReleasing)
                .exchanged
            {
                return true
            }
        }
    }

    /// Has those it concerns woken as soon as its lock is free. May be called in a signal handler.
    func wakeLater() {
        // Behind the word.
        let link = UnsafeMutableRawPointer(self) + MemoryLayout<UInt64>.size
        PendingCancels.add(link.assumingMemoryBound(to: CancelLink.self))
    }
}
