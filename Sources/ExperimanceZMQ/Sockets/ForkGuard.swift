// SPDX-License-Identifier: Apache-2.0

import Glibc
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
    static var epoch: UInt32 { epochCounter.load(ordering: .relaxed) }

    /// In the order in which they are locked.
    private static let protected = Guarded<[any ForkProtected]>([])

    /// Keeps a process-wide lock usable in a forked child. To be called before the lock is first taken.
    package static func protect(_ lock: some ForkProtected) {
        install
        protected.withLock { $0.append(lock) }
    }

    private static func unlockAll() {
        protected.unlockAfterFork()
        protected.withLock { locks in for lock in locks.reversed() { lock.unlockAfterFork() } }
    }

    private static let install: Void = {
        pthread_atfork(
            {
                ForkGuard.protected.withLock { locks in for lock in locks { lock.lockForFork() } }
                ForkGuard.protected.lockForFork()
            },
            { ForkGuard.unlockAll() },
            {
                ForkGuard.unlockAll()
                ForkGuard.epochCounter.wrappingAdd(1, ordering: .relaxed)
                ContextCore.resumeInChild()
                SocketTable.resumeInChild()
            }
        )
    }()
}
