// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What can be cancelled, as a link of the chain of those whose waiting threads are still to be woken. In memory that
/// is never freed, never moves and is changed by nothing but these functions.
struct CancelLink: ~Copyable {
    fileprivate let next = Atomic<UInt>(0)
    fileprivate let isPending = Atomic<Bool>(false)
    /// Leads to what it belongs to.
    let id: UInt64

    init(id: UInt64) {
        self.id = id
    }
}

/// Cancels whose waiting threads could not be woken at once, as somebody had the lock: perhaps the very thread that a
/// signal handler has interrupted to cancel. The supervisors work them off.
enum PendingCancels {
    /// May be called in a signal handler.
    static func add(_ link: UnsafeMutablePointer<CancelLink>) {
        if unsafe !link.pointee.isPending.exchange(true, ordering: .acquiringAndReleasing) {
            var (isAdded, first) = (false, newest.load(ordering: .relaxed))
            while !isAdded {
                unsafe link.pointee.next.store(first, ordering: .relaxed)
                (isAdded, first) = newest.compareExchange(
                    expected: first,
                    desired: UInt(bitPattern: link),
                    ordering: .acquiringAndReleasing
                )
            }
        }
        CancelBell.ring()
    }

    /// Takes all there are, and gives out the id of each.
    static func work(_ wake: (UInt64) -> Void) {
        var address = newest.exchange(0, ordering: .acquiringAndReleasing)
        while let link = unsafe UnsafeMutablePointer<CancelLink>(bitPattern: address) {
            address = unsafe link.pointee.next.load(ordering: .relaxed)
            // Whoever cancels from here on adds it again.
            _ = unsafe link.pointee.isPending.exchange(false, ordering: .acquiringAndReleasing)
            unsafe wake(link.pointee.id)
        }
    }
}

/// The one added last, or 0.
private let newest = Atomic<UInt>(0)
