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

// Safe: it is there for ever, and all in it is atomic or never changes.
extension UnsafeMutablePointer<Cancelable> {
    @safe
    private static var isGood: UInt64 { 1 }
    @safe
    private static var lowerHalf: UInt64 { UInt64(UInt32.max) }

    /// The generation that a handle names.
    @safe
    private static func generation(of id: UInt64) -> UInt64 { id >> 24 & lowerHalf }

    /// The handle is good from now on, and has not been cancelled.
    @safe
    func begin(_ id: UInt64) {
        unsafe pointee.life.store(Self.generation(of: id) << 32 | Self.isGood, ordering: .releasing)
    }

    /// The handle is good no more.
    @safe
    func end() {
        _ = unsafe pointee.life.bitwiseAnd(~Self.isGood, ordering: .acquiringAndReleasing)
    }

    /// How often it was cancelled; another number is all that counts.
    @safe
    @inline(__always)
    var cancels: UInt32 { unsafe UInt32(truncatingIfNeeded: pointee.life.load(ordering: .acquiring)) >> 1 }

    /// Whether the handle is good now.
    @safe
    func isGood(_ id: UInt64) -> Bool { unsafe isGood(id, pointee.life.load(ordering: .acquiring)) }

    @safe
    private func isGood(_ id: UInt64, _ life: UInt64) -> Bool {
        unsafe life & Self.isGood != 0 && life >> 32 == Self.generation(of: id) && id >> 56 == pointee.link.id >> 56
    }

    /// Whether the handle has been a good one.
    @safe
    func hasBeenGood(_ id: UInt64) -> Bool {
        let latest = unsafe UInt32(truncatingIfNeeded: pointee.life.load(ordering: .acquiring) >> 32)
        let generation = UInt32(truncatingIfNeeded: Self.generation(of: id))
        return generation != 0 && latest &- generation < UInt32.max / 2
    }

    /// Changes how often it was cancelled. May be called in a signal handler.
    ///
    /// - Returns: false if the handle is not good.
    @safe
    func setCancels(_ id: UInt64, _ change: (UInt32) -> UInt32) -> Bool {
        while true {
            let life = unsafe pointee.life.load(ordering: .relaxed)
            guard isGood(id, life) else { return false }
            let cancels = change(UInt32(truncatingIfNeeded: life) >> 1) & UInt32.max >> 1
            let changed = life & ~Self.lowerHalf | UInt64(cancels) << 1 | Self.isGood
            if unsafe pointee.life.compareExchange(expected: life, desired: changed, ordering: .acquiringAndReleasing)
                .exchanged
            {
                return true
            }
        }
    }

    /// Has those it concerns woken as soon as its lock is free. May be called in a signal handler.
    @safe
    func wakeLater() {
        // Behind the word.
        let link = unsafe UnsafeMutableRawPointer(self) + MemoryLayout<UInt64>.size
        unsafe PendingCancels.add(link.assumingMemoryBound(to: CancelLink.self))
    }
}
