// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file behind an ipc endpoint.
enum LocalPath {
    /// What forbids to bind to the path, if anything does.
    ///
    /// libzmq removes whatever is at the path before it binds: a live server's socket, even a regular file. So only
    /// nothing at all, or the socket of a process that is gone, may be there.
    static func obstacle(to path: String) -> ConnectFailure? {
        guard path != "*", path.utf8.first != UInt8(ascii: "@") else { return nil }
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            return ConnectFailure(
                code: .addressInUse,
                systemErrno: EADDRINUSE,
                reason: "there is a file at the path that is not a socket; it is left alone"
            )
        }
        return isServed(path)
            ? ConnectFailure(
                code: .addressInUse,
                systemErrno: EADDRINUSE,
                reason: "another process serves the path"
            ) : nil
    }

    private static func isServed(_ path: String) -> Bool {
        guard let address = NumericAddress(localPath: path) else { return false }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        // Refused means nobody holds the other end; EAGAIN a server with a full backlog.
        return address.withSockaddr { connect(descriptor, $0, $1) } == 0 || errno != ECONNREFUSED
    }
}
