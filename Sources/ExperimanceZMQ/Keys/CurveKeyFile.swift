// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// Key files: who may read them, and how they come to be there whole or not at all.
package enum CurveKeyFile {
    private static let publicEnding = ".key"
    private static let secretEnding = ".key_secret"
    /// Paths have 4095 bytes; the rest is for endings.
    private static let longestPath = 4_000
    /// Bits of a mode: others than the owner may read or write.
    private static let othersMayUse: mode_t = 0o066

    // MARK: Reading

    package static func load(
        _ path: String
    ) throws(ZMQSocketError) -> (
        publicKey: ZMQCurvePublicKey, pair: ZMQCurveKeyPair?, metadata: [(name: String, value: String)]
    ) {
        let (said, mode) = try read(path)
        guard let publicKey = said.publicKey else { throw ZMQSocketError(.internal) }
        guard said.pair == nil || mode & othersMayUse == 0 else {
            let shown = String(printable: path.utf8)
            throw ZMQSocketError(
                .permission,
                message: "others than its owner may use the secret key in \(shown): make a new one if it is known to "
                    + "them, else chmod 600"
            )
        }
        return (publicKey, said.pair, said.metadata)
    }

    /// What the file says, and its mode.
    private static func read(_ path: String) throws(ZMQSocketError) -> (said: CurveKeyFileText, mode: mode_t) {
        try checkPath(path)
        // A pipe would have the open wait for its other end, and a terminal take over the process.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw failure(errno, "read", path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure(errno, "read", path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw refusal(path, "it is no regular file") }
        guard status.st_size <= CurveKeyFileText.longest else { throw refusal(path, "it is too long for a key file") }
        var length = 0
        let content = try SecretBytes(count: CurveKeyFileText.longest) { (room) throws(ZMQSocketError) in
            while length < room.count, let start = room.baseAddress {
                let count = unsafe LibC.read(descriptor, start + length, room.count - length)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw failure(errno, "read", path) }
                if count == 0 { break }
                length += count
            }
        }
        do throws(ZMQSocketError) {
            let said = try content.withBytes { (bytes) throws(ZMQSocketError) in
                try unsafe CurveKeyFileText(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
            }
            return (said, status.st_mode)
        } catch {
            throw ZMQSocketError(error.code, message: "\(String(printable: path.utf8)): \(error.message)")
        }
    }

    // MARK: Writing

    /// - Parameter pair: that of the public key; nil writes the public file only.
    package static func save(
        _ publicKey: ZMQCurvePublicKey,
        _ pair: ZMQCurveKeyPair?,
        at path: String
    ) throws(ZMQSocketError) {
        try checkPath(path)
        if let pair { try write(publicKey, pair, to: path + secretEnding, mode: 0o600) }
        do throws(ZMQSocketError) {
            try write(publicKey, nil, to: path + publicEnding, mode: 0o644)
        } catch {
            if pair != nil { _ = unsafe unlink(path + secretEnding) }
            throw error
        }
    }

    private static func write(
        _ publicKey: ZMQCurvePublicKey,
        _ pair: ZMQCurveKeyPair?,
        to path: String,
        mode: mode_t
    ) throws(ZMQSocketError) {
        let content = try content(publicKey, pair)
        // Beside it, under a name that nobody looks at: it appears under its own when it is complete.
        let draft = try draftPath(beside: path)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw failure(errno, "write", path) }
        var number = content.withBytes { unsafe fill(descriptor, with: $0) }
        if close(descriptor) != 0, number == 0 { number = errno }
        if number == 0 { number = unsafe clinux_rename_to_new(draft, path) }
        guard number == 0 else {
            _ = unsafe unlink(draft)
            throw failure(number, "write", path)
        }
    }

    private static func fill(_ descriptor: Int32, with bytes: UnsafeRawBufferPointer) -> Int32 {
        var rest = unsafe bytes[...]
        while let start = unsafe UnsafeRawBufferPointer(rebasing: rest).baseAddress, unsafe !rest.isEmpty {
            let count = unsafe LibC.write(descriptor, start, rest.count)
            if count < 0 {
                guard errno == EINTR else { return errno }
            } else {
                unsafe rest = rest.dropFirst(count)
            }
        }
        return fsync(descriptor) == 0 ? 0 : errno
    }

    private static func content(
        _ publicKey: ZMQCurvePublicKey,
        _ pair: ZMQCurveKeyPair?
    ) throws(ZMQSocketError) -> SecretBytes {
        let comment =
            pair == nil
            ? "# A public CURVE key, for everybody to have. Who relies on it needs it from a source to trust.\n"
            : "# A SECRET CURVE key, for its owner alone: nobody else may read this file.\n"
        let beginning = "\(comment)metadata\ncurve\n    public-key = \"\(publicKey.text)\"\n"
        guard let pair else {
            return try SecretBytes(count: beginning.utf8.count) { unsafe $0.copyBytes(from: beginning.utf8) }
        }
        let (before, after) = ("    secret-key = \"", "\"\n")
        let start = beginning.utf8.count + before.utf8.count
        let end = start + CurveKeyText.length
        return try SecretBytes(count: end + after.utf8.count) { (room) throws(ZMQSocketError) in
            unsafe room.copyBytes(from: (beginning + before).utf8)
            guard unsafe pair.writeSecretText(into: UnsafeMutableRawBufferPointer(rebasing: room[start..<end])) else {
                throw ZMQSocketError(.internal)
            }
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[end...]).copyBytes(from: after.utf8)
        }
    }

    private static func draftPath(beside path: String) throws(ZMQSocketError) -> String {
        var number: UInt64 = 0
        try unsafe withUnsafeMutableBytes(of: &number) { (bytes) throws(ZMQSocketError) in
            try unsafe CurveCalls.fillAtRandom(bytes)
        }
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let nameStart = slash.map { path.utf8.index(after: $0) } ?? path.startIndex
        return path[..<nameStart] + ".new-key-" + String(number, radix: 16)
    }

    // MARK: Failures

    private static func checkPath(_ path: String) throws(ZMQSocketError) {
        guard 1...longestPath ~= path.utf8.count, !path.utf8.contains(0) else {
            throw ZMQSocketError(.invalid, message: "path has to have 1 to \(longestPath) bytes, none of them NUL")
        }
    }

    private static func refusal(_ path: String, _ reason: String) -> ZMQSocketError {
        ZMQSocketError(.invalid, message: "\(String(printable: path.utf8)) holds no keys: \(reason)")
    }

    private static func failure(_ number: Int32, _ verb: String, _ path: String) -> ZMQSocketError {
        var error = ZMQSocketError(errno: number, doing: "\(String(printable: path.utf8)) can not be \(verb)")
        switch number {
        case ENOENT, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG: error.code = .invalid
        // Sockets, and files of the system that are none: whatever they are, they hold no keys.
        case ENXIO, ENODEV: error.code = .invalid
        case EIO where verb == "read": error.code = .invalid
        case EEXIST:
            error.code = .state
            error.message += "; it is left alone"
        case EDQUOT, EFBIG: error.code = .limit
        default: break
        }
        return error
    }
}
