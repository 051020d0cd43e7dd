// SPDX-License-Identifier: Apache-2.0

import LibC

/// The file behind an ipc endpoint: who may have the path, and the way there.
///
/// bind(2) gives a path to one process only, and never takes it from another. What it does not do is to replace the
/// socket of a process that is gone. Whether one is gone the kernel knows for certain: a connect of another *type* of
/// socket is refused by a file without a socket behind it, and finds the wrong type where there is one, also before it
/// listens; and a file that once has none never gets one again. But a path can only be removed by its name, and may
/// belong to another process by then. So one process at a time goes through this, see ``PathTurn``.
package struct LocalPath {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// How often something may be found at the path and be gone a moment later.
    private static let mostLooks = 3

    /// Listens at the path, or at an abstract name.
    ///
    /// - Returns: the descriptor, and the file to remove in the end; nil for an abstract name, which has none.
    package static func listen(
        at path: String,
        _ settings: ListeningSettings
    ) throws(ConnectFailure) -> (descriptor: Int32, file: LocalPath?) {
        guard let address = NumericAddress(localPath: path) else {
            throw ConnectFailure(errno: ENAMETOOLONG, of: .bind)
        }
        guard path.utf8.first != UInt8(ascii: "@") else {
            do throws(ListeningDescriptor.Failure) {
                return (try listen(at: address, nil, settings), nil)
            } catch {
                throw error.number == EADDRINUSE ? isServed(path) : ConnectFailure(error)
            }
        }
        return try PathTurn.take(path) { () throws(ConnectFailure) in
            for _ in 0..<mostLooks {
                do throws(ListeningDescriptor.Failure) {
                    return (try listen(at: address, path, settings), LocalPath(path))
                } catch {
                    guard error.number == EADDRINUSE else { throw ConnectFailure(error) }
                }
                try makeRoom(at: path, address)
            }
            throw isServed(path)
        }
    }

    /// Removes the file, if it is still the one of then. To be called while the socket behind it is still there: until
    /// then no other process takes it for abandoned.
    package func remove() {
        guard let now = LocalPath(path), now.device == device, now.inode == inode else { return }
        _ = unsafe unlink(path)
    }

    /// Removes the socket at the path if the process behind it is gone, and nothing else.
    static func removeIfAbandoned(_ path: String) {
        guard let address = NumericAddress(localPath: path) else { return }
        try? PathTurn.take(path) { () throws(ConnectFailure) in
            var status = stat()
            guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK,
                try answer(at: address) == ECONNREFUSED
            else { return }
            _ = unsafe unlink(path)
        }
    }

    private init?(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        (self.path, device, inode) = (path, status.st_dev, status.st_ino)
    }

    /// - Parameter file: what a bind leaves behind.
    private static func listen(
        at address: NumericAddress,
        _ file: String?,
        _ settings: ListeningSettings
    ) throws(ListeningDescriptor.Failure) -> Int32 {
        let descriptor = try ListeningDescriptor.new(AF_UNIX)
        var isBound = false
        do throws(ListeningDescriptor.Failure) {
            try ListeningDescriptor.bind(descriptor, to: address)
            isBound = true
            // Nobody can connect before it listens.
            if let file, let mode = settings.mode {
                let number = Descriptors.setMode(ofSocket: file, to: mode)
                guard number == 0 else { throw ListeningDescriptor.Failure(number: number) }
            }
            try ListeningDescriptor.listen(descriptor, settings)
            return descriptor
        } catch {
            if isBound, let file { _ = unsafe unlink(file) }
            close(descriptor)
            throw error
        }
    }

    /// Removes the socket of a process that is gone, and nothing else.
    private static func makeRoom(at path: String, _ address: NumericAddress) throws(ConnectFailure) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw .pathInUse("there is a file at the path that is not a socket; it is left alone")
        }
        switch try answer(at: address) {
        case ECONNREFUSED:
            guard unsafe unlink(path) == 0 || errno == ENOENT else { throw ConnectFailure(errno: errno, of: .bind) }
        case ENOENT: return
        case EACCES, EPERM: throw .pathInUse("there is a socket at the path that this process may not write to")
        default: throw isServed(path)
        }
    }

    /// The errno of a connect that no socket of ours takes: `ECONNREFUSED` where there is a file without a socket.
    private static func answer(at address: NumericAddress) throws(ConnectFailure) -> Int32 {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw ConnectFailure(errno: errno, of: .socket) }
        defer { close(descriptor) }
        return address.withSockaddr { unsafe connect(descriptor, $0, $1) } == 0 ? 0 : errno
    }

    /// Somebody has the path.
    private static func isServed(_ path: String) -> ConnectFailure {
        .pathInUse(
            OwnListeners.has(path: path)
                ? "this process serves the path itself, with a socket of its own or one it inherited"
                : "another process serves the path"
        )
    }
}
