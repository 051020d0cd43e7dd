// SPDX-License-Identifier: Apache-2.0

import LibC

/// Keys that are allowed by being in a file, or in the files of a directory. It is looked at from time to time, and
/// reads only what has changed since.
struct KeyPlace {
    /// What tells that a file is what it was.
    fileprivate struct Stamp: Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let changed: Int64

        init(_ status: stat) {
            device = UInt64(truncatingIfNeeded: status.st_dev)
            inode = UInt64(truncatingIfNeeded: status.st_ino)
            size = Int64(status.st_size)
            changed = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
        }
    }

    fileprivate struct Holder {
        /// Nil where it has to be read again, whatever the file looks like.
        var stamp: Stamp?
        /// What was in it when it could be read last.
        var key: (publicKey: ZMQCurvePublicKey, userID: String)?
        /// Since when it can not be read.
        var unreadableSince: MonotonicInstant?
    }

    /// What has been found.
    struct Findings {
        var userIDs: [ZMQCurvePublicKey: String] = [:]
        /// Files that are there and hold no key that can be read.
        var unreadable = 0
        /// Something may be only half written, can not be told at the moment, or changes without the kernel's telling:
        /// look again soon.
        var isUnsettled = false

        fileprivate mutating func add(_ holder: Holder) {
            if holder.unreadableSince != nil {
                unreadable += 1
                if holder.key != nil { isUnsettled = true }
            }
            if let key = holder.key, userIDs[key.publicKey] == nil { userIDs[key.publicKey] = key.userID }
        }
    }

    /// How long a file that can not be read any more keeps its key, in nanoseconds: somebody may be writing it.
    private static let grace: Int64 = 400 * nanosecondsPerMillisecond
    /// The kernel's clock for files is coarse: what was changed so shortly before it was read, in nanoseconds, may be
    /// changed once more and look the same.
    private static let coarseness: Int64 = 50 * nanosecondsPerMillisecond
    private static let publicEnding = ".key"
    private static let secretEnding = "_secret"

    let path: String
    private var holders: [ExactText: Holder] = [:]

    /// - Parameter path: from the root, as the process may go elsewhere.
    init(_ path: String) {
        self.path = path
    }

    /// Where a path leads by now: another directory than before if it, or what is above it, was moved or mounted over.
    struct Directory: Equatable {
        private let device: UInt64
        private let inode: UInt64

        init?(_ path: String) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return nil }
            device = UInt64(truncatingIfNeeded: status.st_dev)
            inode = UInt64(truncatingIfNeeded: status.st_ino)
        }
    }

    /// What is to be watched so that a change is noticed: the directory, or the one that the file is in.
    var directory: String {
        var status = stat()
        if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return path }
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    // MARK: Looking

    /// The first look: what is wrong is said.
    ///
    /// - Throws: `invalid` for a path that is not there, or for a file without a key; `permission`.
    mutating func begin() throws(ZMQSocketError) -> Findings {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw failure(errno) }
        if status.st_mode & S_IFMT != S_IFDIR {
            _ = try CurveKeyFile.load(path)
        } else if let number = list({ _ in }) {
            throw failure(number)
        }
        return look(now: .now()) ?? Findings()
    }

    private func failure(_ number: Int32) -> ZMQSocketError {
        var error = ZMQSocketError(errno: number, doing: "\(String(printable: path.utf8)) can not be read")
        if error.code == .refused || number == ENOTDIR || number == ELOOP { error.code = .invalid }
        return error
    }

    /// What is there now. A path that is gone, or is not for us any more, has no keys. What the system can not tell at
    /// the moment, without a descriptor for one, is as it was.
    ///
    /// - Parameter goesOn: asked before each file.
    /// - Returns: nil if it does not.
    mutating func look(now: MonotonicInstant, while goesOn: () -> Bool = { true }) -> Findings? {
        var findings = Findings()
        var found: [ExactText: Holder] = [:]
        var status = stat()
        let number = unsafe stat(path, &status) == 0 ? 0 : errno
        if number == 0, status.st_mode & S_IFMT == S_IFDIR {
            var names: [String] = []
            let number =
                list { name in
                    if let name { names.append(name) } else { findings.unreadable += 1 }
                } ?? 0
            guard Self.isAnswer(number) else { return asItWas }
            for name in names.sorted() {
                guard goesOn() else { return nil }
                look(at: path + "/" + name, named: name, now, &found, &findings)
            }
        } else {
            guard Self.isAnswer(number) else { return asItWas }
            let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.index(after: $0)...]) } ?? path
            look(at: path, named: name, now, &found, &findings)
        }
        holders = found
        return findings
    }

    private var asItWas: Findings {
        var findings = Findings(isUnsettled: true)
        for (_, holder) in holders.sorted(by: { $0.key.string < $1.key.string }) { findings.add(holder) }
        return findings
    }

    /// Whether an errno says something of the path, and not of the state that the system or the process is in.
    private static func isAnswer(_ number: Int32) -> Bool {
        [0, ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EACCES, EPERM].contains(number)
    }

    /// - Parameter body: gets nil for a name that is not UTF-8.
    /// - Returns: nil, or an errno.
    private func list(_ body: (String?) -> Void) -> Int32? {
        guard let folder = unsafe opendir(path) else { return errno }
        defer { unsafe closedir(folder) }
        while true {
            errno = 0
            guard let entry = unsafe readdir(folder) else { return errno == 0 ? nil : errno }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(validatingCString: $0) }
            }
            guard let name else {
                body(nil)
                continue
            }
            // Beside each file with a secret key is one with the public key.
            if name.utf8.first != UInt8(ascii: "."), !name.hasSuffix(Self.secretEnding) { body(name) }
        }
    }

    private func look(
        at file: String,
        named name: String,
        _ now: MonotonicInstant,
        _ found: inout [ExactText: Holder],
        _ findings: inout Findings
    ) {
        var status = stat()
        var number = unsafe lstat(file, &status) == 0 ? 0 : errno
        if number == 0, status.st_mode & S_IFMT == S_IFLNK {
            // It may be changed where nobody watches.
            findings.isUnsettled = true
            number = unsafe stat(file, &status) == 0 ? 0 : errno
        }
        guard number == 0 else {
            if !Self.isAnswer(number), let holder = holders[ExactText(name)] {
                found[ExactText(name)] = holder
                findings.add(holder)
                findings.isUnsettled = true
            }
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return }
        if status.st_nlink > 1 { findings.isUnsettled = true }
        let stamp = Stamp(status)
        var holder = holders[ExactText(name)] ?? Holder()
        if holder.stamp != stamp || holder.unreadableSince != nil {
            do throws(ZMQSocketError) {
                let read = try CurveKeyFile.load(file)
                holder.key = (read.publicKey, Self.userID(of: read.metadata, file: name))
                holder.unreadableSince = nil
            } catch {
                let since = holder.unreadableSince ?? now
                if error.code == .limit || error.code == .noMemory {
                    // That is our own state, and not the file's.
                    findings.isUnsettled = true
                } else if now.nanoseconds(since: since) >= Self.grace {
                    holder.key = nil
                }
                holder.unreadableSince = since
            }
            holder.stamp = isOld(stamp) ? stamp : nil
        }
        found[ExactText(name)] = holder
        findings.add(holder)
    }

    private func isOld(_ stamp: Stamp) -> Bool {
        var now = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &now) == 0 else { return false }
        let nanoseconds = Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
        return nanoseconds &- stamp.changed > Self.coarseness
    }

    /// What the file says, else how it is called.
    static func userID(of metadata: [(name: String, value: String)], file name: String) -> String {
        for wanted in ["user-id", "name"] {
            if let value = metadata.first(where: { $0.name == wanted })?.value, !value.isEmpty,
                value.utf8.count <= AdmittedPeer.longestUserID
            {
                return value
            }
        }
        return name.hasSuffix(publicEnding) && name.count > publicEnding.count
            ? String(name.dropLast(publicEnding.count)) : name
    }
}
