// SPDX-License-Identifier: Apache-2.0

/// Which handles of one kind are taken: 8 bits of kind, 32 of generation, 24 of index.
///
/// The generation of an index goes up with every handle that has it, so a handle answers for one thing only, for ever.
struct HandleAllocation {
    private static let indexBits: UInt64 = 24
    private static let indexMask: UInt64 = (1 << indexBits) - 1

    let kind: UInt64
    /// Of every index that has been taken, and of those whose chunk went to a parent process with them.
    private var generations: [UInt32] = []
    private var free: [Int] = []

    init(kind: UInt64) {
        self.kind = kind
    }

    @inline(__always)
    static func index(of id: UInt64) -> Int { Int(truncatingIfNeeded: id & indexMask) }

    /// Indices below this one have been taken.
    var count: Int { generations.count }

    /// - Parameter provide: called with an index that is taken for the first time.
    /// - Returns: a handle; nil when there are no more.
    mutating func take(_ provide: (Int) -> Void) -> UInt64? {
        let index: Int
        if let former = free.popLast() {
            index = former
        } else {
            guard count < Chunks.maximumBlocks else { return nil }
            index = count
            provide(index)
            generations.append(0)
        }
        // 0 is never used: a zeroed handle must not be valid.
        generations[index] = max(1, generations[index] &+ 1)
        return kind << 56 | UInt64(generations[index]) << Self.indexBits | UInt64(index)
    }

    mutating func giveBack(_ id: UInt64) { free.append(Self.index(of: id)) }

    /// All that were taken, and some more, belong to the process this one was forked from.
    mutating func leave(upTo first: Int) {
        generations = Array(repeating: 0, count: first)
        free = []
    }
}
