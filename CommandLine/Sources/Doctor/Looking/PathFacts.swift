// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the file system says of a path of ipc.
struct PathFacts: Equatable {
    /// What is at the path, in words; "socket" for what should be.
    let kind: String
    let owner: String
    let group: String
    let mode: UInt32

    /// - Parameter followsLink: whether a symbolic link is what it leads to: a connect follows it, a bind does not.
    /// - Returns: nil with the errno where nothing is there, or may be seen.
    static func look(at path: String, followsLink: Bool = true) -> (facts: PathFacts?, number: Int32) {
        var status = stat()
        let answer = unsafe followsLink ? stat(path, &status) : lstat(path, &status)
        guard answer == 0 else { return (nil, errno) }
        let kind =
            switch status.st_mode & S_IFMT {
            case S_IFSOCK: "socket"
            case S_IFDIR: "a directory"
            case S_IFIFO: "a pipe"
            case S_IFREG: "a file"
            case S_IFLNK: "a symbolic link"
            default: "a device"
            }
        return (
            PathFacts(
                kind: kind,
                owner: Users.name(status.st_uid),
                group: Users.group(status.st_gid),
                mode: UInt32(status.st_mode) & 0o7777
            ), 0
        )
    }

    /// The mode as it is written.
    var modeText: String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 3 - digits.utf8.count)) + digits
    }

    /// The directory that a path is in.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether a file may be made in a directory.
    ///
    /// - Returns: 0 or an errno.
    static func mayWrite(in directory: String) -> Int32 {
        unsafe access(directory, W_OK | X_OK) == 0 ? 0 : errno
    }
}
