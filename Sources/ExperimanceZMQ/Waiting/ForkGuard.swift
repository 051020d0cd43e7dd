// SPDX-License-Identifier: Apache-2.0

import CLinux
import Synchronization

/// What is locked while the process forks, so that the child does not find it held by a thread it does not have.
package protocol ForkProtected: Sendable {
    func lockForFork()
    func unlockAfterFork()
}

/// What happens to this library when its process forks.
///
/// The child inherits handles whose sockets belong to the parent's libzmq threads; using one would hang or lie. After
/// a fork every inherited handle answers `forked`, and new ones work.
package enum ForkGuard {
    private static let epochCounter = Atomic<UInt32>(0)

    /// How many forks lie between the first process and this one.
    package static var epoch: UInt32 { epochCounter.load(ordering: .relaxed) }

    /// In the order in which they are locked: who takes one while it holds another has been here first.
    private static let protected = Guarded<[any ForkProtected]>([])

    /// Keeps a process-wide lock usable in a forked child. To be called before the lock is first taken.
    package static func protect(_ lock: some ForkProtected) {
        protected.withLock { $0.append(lock) }
    }

    /// One fork at a time.
    private static let turn = Guarded(())
    private static let heirs = Guarded<[@Sendable () -> Void]>([])

    /// What a child has to put right before it goes on.
    package static func inChild(_ putRight: @escaping @Sendable () -> Void) {
        heirs.withLock { $0.append(putRight) }
    }

    private static func lockAll() {
        turn.lockForFork()
        ForkGate.close()
        protected.withLock { locks in for lock in locks { lock.lockForFork() } }
        protected.lockForFork()
        heirs.lockForFork()
    }

    private static func unlockAll() {
        heirs.unlockAfterFork()
        protected.unlockAfterFork()
        protected.withLock { locks in for lock in locks.reversed() { lock.unlockAfterFork() } }
    }

    /// Makes its own.
    package static func prepare() {
        _ = (turn, protected, heirs)
        ForkGate.prepare()
    }

    /// Makes what a process has once, unless that has been done. A fork meets all of it made or nothing begun.
    ///
    /// - Parameter make: uses each global that is made when it is first used.
    package static func setUp(_ make: @convention(c) () -> Void) {
        clinux_make_once(
            make,
            clinux_fork_hooks(
                before: { ForkGuard.lockAll() },
                in_parent: {
                    ForkGuard.unlockAll()
                    ForkGate.open()
                    ForkGuard.turn.unlockAfterFork()
                },
                in_child: {
                    ForkGuard.unlockAll()
                    ForkGate.reset()
                    ForkGuard.turn.unlockAfterFork()
                    ForkGuard.epochCounter.wrappingAdd(1, ordering: .relaxed)
                    for putRight in ForkGuard.heirs.withLock({ $0 }) { putRight() }
                }
            )
        )
    }
}
