// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Memory for things that handles lead to: blocks in chunks that are never freed or moved, so that one is found by its
/// index with two loads and no lock, also in a signal handler.
enum Chunks {
    /// 24 bits of index.
    static let maximumBlocks = 1 << 24
    private static let blocksPerChunk = 256
    private static let maximumChunks = maximumBlocks / blocksPerChunk

    private typealias ChunkPointer = Atomic<UInt>

    /// The block of an index; nil if there is none.
    ///
    /// - Parameters:
    ///   - stride: the bytes from one block to the next, here and below.
    ///   - root: the address of the table of chunks, or 0.
    @inline(__always)
    static func block(_ index: Int, stride: Int, _ root: borrowing Atomic<UInt>) -> UnsafeMutableRawPointer? {
        guard let chunks = UnsafeMutablePointer<ChunkPointer>(bitPattern: root.load(ordering: .acquiring)),
            let chunk = UnsafeMutableRawPointer(
                bitPattern: chunks[index / blocksPerChunk].load(ordering: .acquiring)
            )
        else { return nil }
        return chunk + index % blocksPerChunk * stride
    }

    /// Sees to it that there is a block of that index, which is at most one more than there has been.
    static func provide(
        _ index: Int,
        stride: Int,
        _ root: borrowing Atomic<UInt>,
        _ initialize: (UnsafeMutableRawPointer, Int) -> Void
    ) {
        guard index % blocksPerChunk == 0 else { return }
        if root.load(ordering: .relaxed) == 0 {
            let chunks = UnsafeMutablePointer<ChunkPointer>.allocate(capacity: maximumChunks)
            for index in 0..<maximumChunks { (chunks + index).initialize(to: Atomic(0)) }
            root.store(UInt(bitPattern: chunks), ordering: .releasing)
        }
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: blocksPerChunk * stride, alignment: 128)
        for place in 0..<blocksPerChunk { initialize(chunk + place * stride, index + place) }
        guard let chunks = UnsafeMutablePointer<ChunkPointer>(bitPattern: root.load(ordering: .relaxed)) else { return }
        chunks[index / blocksPerChunk].store(UInt(bitPattern: chunk), ordering: .releasing)
    }

    /// Takes the first blocks out of the table, and those that share a chunk with them.
    ///
    /// - Returns: the first index that can be used again.
    static func forget(_ count: Int, _ root: borrowing Atomic<UInt>) -> Int {
        let chunkCount = (count + blocksPerChunk - 1) / blocksPerChunk
        if let chunks = UnsafeMutablePointer<ChunkPointer>(bitPattern: root.load(ordering: .relaxed)) {
            for index in 0..<chunkCount { chunks[index].store(0, ordering: .releasing) }
        }
        return chunkCount * blocksPerChunk
    }
}
