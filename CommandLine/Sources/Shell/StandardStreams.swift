// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Which of the three standard streams the shell has handed over.
public enum StandardStreams {
    private static let closed = Mutex<Set<Int32>>([])

    /// Puts something in the place of a stream that is closed, before anything else is opened: a socket of the library
    /// would get its number, and be read and written for it.
    public static func occupy() {
        for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
            closed.withLock { _ = $0.insert(stream) }
            // The lowest free number is the stream's own.
            _ = unsafe open("/dev/null", O_RDWR)
        }
    }

    /// Whether the shell has closed it.
    static func isClosed(_ stream: Int32) -> Bool { closed.withLock { $0.contains(stream) } }
}
