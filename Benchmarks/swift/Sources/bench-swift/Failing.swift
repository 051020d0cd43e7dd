// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Ends the process, loudly.
func fail(_ reason: String) -> Never {
    let line = Array("bench-swift: \(reason)\n".utf8)
    write(STDERR_FILENO, line, line.count)
    exit(1)
}
