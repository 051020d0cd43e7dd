// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Processes of this machine, as /proc shows them to this user.
enum Processes {
    /// What is known of a process.
    static func named(_ number: Int, user: UInt32) -> ProcessName {
        let status = statusFields(number)
        return ProcessName(
            number: number,
            command: status["Name"],
            user: Users.name(user),
            isStopped: status["State"].map { $0.hasPrefix("T") || $0.hasPrefix("t") } ?? false
        )
    }

    /// The processes that have any of these sockets, by their inodes. Of others' processes only root sees that.
    static func having(_ sockets: [UInt64: UInt32], until limit: TimeLimit) -> [ProcessName] {
        let wanted = Dictionary(uniqueKeysWithValues: sockets.map { ("socket:[\($0.key)]", $0.key) })
        var found: [ProcessName] = []
        var seen: Set<UInt64> = []
        for entry in entries(of: "/proc") {
            guard let number = Int(entry), !limit.isUp else { continue }
            let folder = "/proc/\(number)/fd"
            let has = entries(of: folder).compactMap { link(at: "\(folder)/\($0)").flatMap { wanted[$0] } }
            guard let first = has.first else { continue }
            seen.formUnion(has)
            found.append(named(number, user: owner(of: "/proc/\(number)") ?? sockets[first] ?? 0))
        }
        for (inode, user) in sockets where !seen.contains(inode) {
            let unseen = ProcessName(number: nil, command: nil, user: Users.name(user))
            if !found.contains(unseen) { found.append(unseen) }
        }
        return found
    }

    private static func statusFields(_ number: Int) -> [String: String] {
        var fields: [String: String] = [:]
        LineFile.read("/proc/\(number)/status") { line in
            let words = line.split(separator: ":", maxSplits: 1)
            if words.count == 2 { fields[String(words[0])] = String(words[1].drop { $0 == "\t" || $0 == " " }) }
        }
        return fields
    }

    private static func owner(of path: String) -> UInt32? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_uid : nil
    }

    private static func link(at path: String) -> String? {
        var target = [UInt8](repeating: 0, count: 64)
        let length = unsafe target.withUnsafeMutableBytes { buffer in
            guard let start = unsafe buffer.assumingMemoryBound(to: CChar.self).baseAddress else { return 0 }
            return unsafe readlink(path, start, buffer.count)
        }
        return length > 0 ? String(decoding: target.prefix(length), as: UTF8.self) : nil
    }

    private static func entries(of folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}

/// Users and groups by name, from the files of this machine: a directory service that does not answer would hold the
/// whole examination up.
enum Users {
    static func name(_ number: UInt32) -> String { name(of: number, in: "/etc/passwd") }

    static func group(_ number: UInt32) -> String { name(of: number, in: "/etc/group") }

    /// The name in a file, or the number where it has none.
    static func name(of number: UInt32, in file: String) -> String {
        var found: String?
        LineFile.read(file) { line in
            let words = line.split(separator: ":", omittingEmptySubsequences: false)
            if found == nil, words.count > 2, UInt32(words[2]) == number { found = String(words[0]) }
        }
        return found ?? "\(number)"
    }
}

/// A file of lines, read piece by piece: tables of the kernel may be long.
enum LineFile {
    /// A line that is longer is cut.
    private static let longestLine = 4_096

    /// Calls `body` with each line; with none where the file can not be read.
    static func read(_ path: String, _ body: (String) -> Void) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 32_768)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in buffer.prefix(count) {
                if byte == UInt8(ascii: "\n") {
                    body(String(decoding: line, as: UTF8.self))
                    line.removeAll(keepingCapacity: true)
                } else if line.count < longestLine {
                    line.append(byte)
                }
            }
        }
        if !line.isEmpty { body(String(decoding: line, as: UTF8.self)) }
    }
}
