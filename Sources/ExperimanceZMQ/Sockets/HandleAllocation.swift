// SPDX-License-Identifier: Apache-2.0

/// Which handles of one kind are taken: 8 bits of kind, 32 of generation, 24 of index.
///
/// The generation of an index goes up with every handle that has it, so a handle answers for one thing only, for ever.
struct HandleAllocation {
    /// 24 bits of index.
    static let maximumCount = 1 << 24

    /// Of every index that has been taken, and of those whose chunk went to a parent process with them.
    private var generations: [UInt32] = []
    private var free: [Int] = []

    /// One of a whole process.
    ///
    /// - Parameter putRight: what a forked child has to do.
    static func ofProcess(inChild putRight: @escaping @Sendable () -> Void) -> Guarded<HandleAllocation> {
        ForkGuard.inChild(putRight)
        let guarded = Guarded(HandleAllocation())
        ForkGuard.protect(guarded)
        return guarded
    }

    /// Indices below this one have been taken.
    var count: Int { generations.count }

    /// - Parameter provide: called with an index that is taken for the first time.
    /// - Returns: what makes a handle; nil when there are no more.
    mutating func take(_ provide: (Int) -> Void) -> (index: Int, generation: UInt32)? {
        let index: Int
        if let former = free.popLast() {
            index = former
        } else {
            guard count < Self.maximumCount else { return nil }
            index = count
            provide(index)
            generations.append(0)
        }
        // 0 is never used: a zeroed handle must not be valid.
        generations[index] = max(1, generations[index] &+ 1)
        return (index, generations[index])
    }

    mutating func giveBack(_ index: Int) { free.append(index) }

    /// All that were taken, and some more, belong to the process this one was forked from.
    mutating func leave(upTo first: Int) {
        generations = Array(repeating: 0, count: first)
        free = []
    }
}
