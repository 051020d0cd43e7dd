// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads a file that has passwords in it: on the command line everybody could read them.
public enum SecretFile {
    /// The longest file, in bytes.
    static let limit = 1 << 20

    /// The lines of a file, without their ends, which may be those of Windows (CR LF).
    ///
    /// - Parameter path: a file that nobody but its owner may read or write; or what is no file, such as a pipe.
    /// - Throws: `failed` for what can not be read, can be read by others, is longer than 1 MiB, or is no UTF-8.
    public static func lines(of path: String) throws(Failure) -> [String] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(.failed, "\(path): \(describe(errno))") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Failure(.failed, "\(path): \(describe(errno))") }
        guard status.st_mode & S_IFMT != S_IFREG || status.st_mode & 0o077 == 0 else {
            throw Failure(.failed, "\(path): others than its owner may read or write it: chmod 600 helps")
        }
        var bytes: [UInt8] = []
        let input = Input(descriptor: descriptor, name: path)
        while let more = try input.read() {
            guard bytes.count + more.count <= limit else { throw Failure(.failed, "\(path): it has more than 1 MiB") }
            bytes += more
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.failed, "\(path): it is no UTF-8")
        }
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { line in
            var scalars = line.unicodeScalars
            if scalars.last == "\r" { scalars.removeLast() }
            return String(scalars)
        }
    }
}
