// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import Glibc

/// Whether the process has file descriptors left, for the places where libzmq aborts without one.
///
/// Another thread can take them in between, so this is no guarantee; it is all that can be done from outside.
enum Descriptors {
    /// - Returns: nil if `count` more can be had at this moment, else the errno.
    static func shortage(of count: Int) -> Int32? {
        var taken: [Int32] = []
        defer { for descriptor in taken { Glibc.close(descriptor) } }
        for _ in 0..<count {
            let descriptor = eventfd(0, Int32(EFD_CLOEXEC))
            guard descriptor >= 0 else { return errno }
            taken.append(descriptor)
        }
        return nil
    }
}
