// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC
import Synchronization

/// What a signal handler rings to have somebody else wake threads: one descriptor for the process, watched by the
/// supervisor of each context that has sockets. A ring takes no lock.
enum CancelBell {
    private static let watchers: Guarded<Int> = {
        ForkGuard.inChild { resumeInChild() }
        let guarded = Guarded(0)
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() { _ = watchers }

    /// Opens it, unless that has been done.
    ///
    /// - Returns: the descriptor, which shows an edge for each ring and is not to be read.
    static func open() throws(ZMQSocketError) -> Int32 {
        try watchers.withLock { watchers throws(ZMQSocketError) in
            var number = descriptor.load(ordering: .relaxed)
            if number < 0 {
                number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
                guard number >= 0 else { throw ZMQSocketError(errno: errno, doing: "can not watch for cancels") }
                descriptor.store(number, ordering: .sequentiallyConsistent)
            }
            watchers += 1
            return number
        }
    }

    /// Gives back what `open` gave; with the last one the descriptor is closed.
    static func close() {
        watchers.withLock { watchers in
            watchers -= 1
            guard watchers == 0 else { return }
            let former = descriptor.exchange(-1, ordering: .sequentiallyConsistent)
            // Who rings has the number for a few instructions; who never comes back from them has it for good.
            var looks = 0
            while ringers.load(ordering: .sequentiallyConsistent) > 0, looks < 1_000 {
                looks += 1
                _ = clinux_pause_ns(20_000)
            }
            if looks < 1_000 { LibC.close(former) }
        }
    }

    /// May be called in a signal handler.
    static func ring() {
        ringers.wrappingAdd(1, ordering: .sequentiallyConsistent)
        let number = descriptor.load(ordering: .sequentiallyConsistent)
        var one: UInt64 = 1
        if number >= 0 { _ = unsafe write(number, &one, MemoryLayout<UInt64>.size) }
        ringers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }

    private static func resumeInChild() {
        watchers.withLock { watchers in
            watchers = 0
            ringers.store(0, ordering: .sequentiallyConsistent)
            let inherited = descriptor.exchange(-1, ordering: .sequentiallyConsistent)
            if inherited >= 0 { LibC.close(inherited) }
        }
    }
}

// Outside any type, so that they are initialized at compile time: a handler must not be the first to use them.
private let descriptor = Atomic<Int32>(-1)
private let ringers = Atomic<Int>(0)
