// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// Where programs of one user have what only they and root may reach: the statistics that contexts serve at a place of
/// their own choice.
struct RuntimeDirectory {
    let path: String

    private static let name = "experimance_zmq"
    private static let ending = ".stats"
    /// Whatever else is in there, a beginning context does not look at all of it.
    private static let mostEntries = 1_000

    /// The one of this process, as its environment has it now.
    static var ofProcess: RuntimeDirectory {
        RuntimeDirectory(ofUser: geteuid(), runtime: environment("XDG_RUNTIME_DIR"))
    }

    /// - Parameter runtime: the directory of the user's session, if there is one; a path that is not absolute is none,
    ///   as its specification has it.
    init(ofUser user: UInt32, runtime: String?) {
        if let runtime, runtime.utf8.first == UInt8(ascii: "/") {
            path = "\(runtime)/\(Self.name)"
        } else {
            path = "/tmp/\(Self.name)-\(user)"
        }
    }

    /// A variable of the environment, unless the process has more rights than who has started it.
    static func environment(_ name: String) -> String? {
        unsafe clinux_variable(name).map { unsafe String(cString: $0) }
    }

    /// A file for a context; the number tells it from others of the process.
    func file(ofProcess process: Int32, number: UInt64) -> String { "\(path)/\(process)-\(number)\(Self.ending)" }

    /// Makes it, unless it is there. In a directory that everybody may write to somebody else may have been first.
    ///
    /// - Throws: `permission` for one that is another user's, or that others may write to; what the system says.
    func make() throws(ZMQSocketError) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw failure(errno, doing: "make")
        }
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            let number = errno
            guard number != ENOTDIR, number != ELOOP else { throw refusal("it is no directory") }
            throw failure(number, doing: "look at")
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw failure(errno, doing: "look at")
        }
        guard status.st_uid == geteuid() else { throw refusal("it belongs to user \(status.st_uid)") }
        guard status.st_mode & 0o022 == 0 else { throw refusal("others may write to it") }
    }

    /// With the code that a bind there would have.
    private func failure(_ number: Int32, doing what: String) -> ZMQSocketError {
        let failure = ConnectFailure(errno: number, of: .bind)
        return ZMQSocketError(
            failure.code,
            systemErrno: number,
            message: "can not \(what) the directory \(path) for statistics: \(describe(errno: number))"
        )
    }

    private func refusal(_ reason: String) -> ZMQSocketError {
        ZMQSocketError(.permission, message: "the directory \(path) can not have statistics: \(reason)")
    }

    /// Removes what processes have left that were killed.
    func sweep() {
        for name in Self.names(in: path) where Self.isOurs(name) { LocalPath.removeIfAbandoned("\(path)/\(name)") }
    }

    private static func names(in path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while names.count < mostEntries, let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(validatingCString: $0) }
            }
            if let name { names.append(name) }
        }
        return names
    }

    /// Whether a file is called like one of ``file(ofProcess:number:)``.
    static func isOurs(_ name: String) -> Bool {
        guard name.hasSuffix(ending) else { return false }
        let parts = name.dropLast(ending.utf8.count).split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            }
    }
}
