// SPDX-License-Identifier: Apache-2.0

import CLinux

/// Whether Swift may be asked for memory whose size somebody else chooses: it ends the process when there is none.
package enum Memory {
    /// What an array needs beside its elements, and a little for whoever is asked next.
    private static let margin = 256
    /// Who has no memory for so little has none for anything.
    private static let alwaysThere = 4_096

    /// Whether so many bytes can be had now. Swift asks malloc(3), too; another thread may be faster.
    package static func isThere(_ byteCount: Int) -> Bool {
        guard byteCount > alwaysThere else { return true }
        return byteCount <= Int.max - margin && clinux_is_memory_there(byteCount + margin) != 0
    }
}
