// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// A descriptor that one thread rings to wake another one out of poll(2) or epoll(7).
struct Bell {
    /// Negative while it is not open.
    private(set) var descriptor: Int32 = -1

    var isOpen: Bool { descriptor >= 0 }

    /// Makes the descriptor, unless that has been done.
    ///
    /// - Returns: 0 or an errno.
    mutating func open() -> Int32 {
        guard !isOpen else { return 0 }
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        return isOpen ? 0 : errno
    }

    func ring() { Self.ring(descriptor, by: 1) }

    /// Rings one by its descriptor.
    ///
    /// - Parameter count: what is read from it then, if it has not been rung before.
    static func ring(_ descriptor: Int32, by count: UInt64) {
        var count = count
        _ = unsafe write(descriptor, &count, MemoryLayout<UInt64>.size)
    }

    func silence() {
        var counter: UInt64 = 0
        _ = unsafe read(descriptor, &counter, MemoryLayout<UInt64>.size)
    }

    mutating func close() {
        if isOpen { LibC.close(descriptor) }
        descriptor = -1
    }
}
