// SPDX-License-Identifier: Apache-2.0

import LibC

/// Bytes between being read and being written, in memory of malloc(3), whose pages are real only once they are used.
@safe
final class ByteRing {
    /// As much as one direction of a connection may hold.
    static let capacity = 256 << 10

    // Unsafe: it is there as long as this is.
    private let memory: UnsafeMutableRawPointer
    private var start = 0
    private(set) var count = 0

    /// nil without memory.
    init?() {
        guard let memory = unsafe malloc(Self.capacity) else { return nil }
        unsafe self.memory = memory
    }

    deinit { unsafe free(memory) }

    var hasRoom: Bool { count < Self.capacity }

    /// Free memory in one piece, at most so much.
    func room(upTo most: Int) -> UnsafeMutableRawBufferPointer {
        let end = (start + count) % Self.capacity
        let free = min(Self.capacity - count, Self.capacity - end)
        return unsafe UnsafeMutableRawBufferPointer(start: memory + end, count: min(free, most))
    }

    /// What has been written into the first bytes of the room belongs to the ring.
    func append(_ number: Int) { count += number }

    /// The oldest bytes in one piece, at most so many.
    func bytes(upTo most: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: memory + start, count: min(count, Self.capacity - start, most))
    }

    func removeFirst(_ number: Int) {
        count -= number
        // From the beginning again, so that the same few pages are used.
        start = count == 0 ? 0 : (start + number) % Self.capacity
    }
}
