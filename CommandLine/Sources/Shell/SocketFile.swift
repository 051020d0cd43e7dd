// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file of a socket that this process listens at, to be removed where the process ends before its socket does.
///
/// As long as the socket is there nobody else takes the path. Afterwards another process may have it, with a file of
/// its own, which may even have got the number of ours; but not its time.
public struct SocketFile: Sendable {
    private let path: String
    private let device: dev_t
    private let number: ino_t
    private let seconds: Int
    private let nanoseconds: Int

    /// - Parameter path: where a socket listens.
    /// - Returns: nil if there is none.
    public init?(at path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        self.path = path
        (device, number) = (status.st_dev, status.st_ino)
        (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }

    /// Removes the file, if it is still the one of then.
    public func remove() {
        guard let now = SocketFile(at: path), now.device == device, now.number == number, now.seconds == seconds,
            now.nanoseconds == nanoseconds
        else { return }
        _ = unsafe unlink(path)
    }
}
