// SPDX-License-Identifier: Apache-2.0

import LibC

/// Lets one process at a time look who has a path, remove what is left of a dead one, and bind to it.
///
/// The lock is a local socket with an abstract name, made of the directory's number and the name of the file: nothing
/// of it is left on a disk, the kernel ends it with the process however that ends, and two spellings of one path meet.
/// Who comes second does not wait: whoever is at it gets the path, or shows that somebody else has it.
enum PathTurn {
    /// Within the process, and so that a child that is forked meanwhile does not inherit the lock.
    private static let turn: Guarded<Void> = {
        let guarded = Guarded(())
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() { _ = turn }

    /// - Throws: `addressInUse` while another process has its turn.
    static func take<Result>(
        _ path: String,
        _ body: () throws(ConnectFailure) -> Result
    ) throws(ConnectFailure) -> Result {
        try turn.withLock { _ throws(ConnectFailure) in
            let lock = try lock(path)
            defer { if let lock { close(lock) } }
            return try body()
        }
    }

    /// - Returns: nil where there can be no lock: without it, bind(2) still gives the path to one process only.
    private static func lock(_ path: String) throws(ConnectFailure) -> Int32? {
        var status = stat()
        let file = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = file.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard unsafe stat(directory, &status) == 0 else { throw ConnectFailure(errno: errno, of: .bind) }
        let name = file.map { path[path.utf8.index(after: $0)...] } ?? path[...]
        guard let address = NumericAddress(localPath: lockName(status.st_dev, status.st_ino, name.utf8)) else {
            return nil
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ConnectFailure(errno: errno, of: .socket) }
        guard address.withSockaddr({ unsafe bind(descriptor, $0, $1) }) == 0 else {
            let number = errno
            close(descriptor)
            guard number == EADDRINUSE else { return nil }
            throw .pathInUse("another process binds to the path at this moment")
        }
        return descriptor
    }

    /// Short enough for any name of a file: of that there is a sum (FNV-1a).
    private static func lockName(_ device: dev_t, _ inode: ino_t, _ name: some Sequence<UInt8>) -> String {
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let numbers = [UInt64(device), UInt64(inode), sum].map { String($0, radix: 16) }
        return "@experimance-zmq bind " + numbers.joined(separator: ":")
    }
}
