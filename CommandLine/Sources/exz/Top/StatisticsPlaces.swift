// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Glibc
import Shell

/// Where programs serve their statistics: each place once, however often it is named.
struct StatisticsPlaces {
    /// An endpoint, and whom to believe there.
    struct Place {
        let endpoint: String
        /// Whether it was asked for by its own name.
        var isAsked: Bool
        /// The user who may serve there besides this one and root; nil: nobody.
        let trusted: uid_t?
    }

    /// What tells a file from all others.
    private struct File: Hashable {
        let device: dev_t
        let number: ino_t
    }

    /// Files that are looked at, at most: whoever fills a directory is not waited for.
    private static let most = 500

    private(set) var places: [Place] = []
    private var files: [File: Int] = [:]
    private var names: [String: Int] = [:]

    /// Adds the sockets in the directory that the library chooses, which is this user's alone. There may be none.
    ///
    /// - Throws: `failed` for one that can not be read, that is another user's, or that others may write to.
    mutating func addOwn() throws(Failure) {
        let path = ZMQContextOptions.statisticsDirectory
        guard let descriptor = try Self.open(path, O_NOFOLLOW) else { return }
        do throws(Failure) {
            let status = try Self.status(of: descriptor, path)
            guard status.st_uid == geteuid() else { throw Self.refusal(path, "it belongs to user \(status.st_uid)") }
            guard status.st_mode & 0o022 == 0 else { throw Self.refusal(path, "others may write to it") }
        } catch {
            close(descriptor)
            throw error
        }
        try addSockets(in: path, descriptor, trusted: nil)
    }

    /// Adds the sockets in a directory that was named by hand. Root believes the directory's owner there.
    ///
    /// - Throws: `failed` for one that can not be read.
    mutating func add(directory path: String) throws(Failure) {
        guard let descriptor = try Self.open(path, 0) else { return }
        let owner: uid_t
        do throws(Failure) {
            owner = try Self.status(of: descriptor, path).st_uid
        } catch {
            close(descriptor)
            throw error
        }
        try addSockets(in: path, descriptor, trusted: geteuid() == 0 ? owner : nil)
    }

    /// Adds an endpoint that was named by hand. Root believes the owner of the directory that it is in.
    mutating func add(endpoint: String) {
        let path = Self.path(of: endpoint)
        var trusted: uid_t?
        if geteuid() == 0, !path.hasPrefix("@") {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            let directory = parts.isEmpty ? "." : parts.joined(separator: "/") + "/"
            var status = stat()
            if unsafe stat(directory, &status) == 0 { trusted = status.st_uid }
        }
        add(Place(endpoint: endpoint, isAsked: true, trusted: trusted))
    }

    /// The path of an endpoint of ipc, or its abstract name, which starts with `@`.
    static func path(of endpoint: String) -> String { String(endpoint.dropFirst("ipc://".count)) }

    private mutating func add(_ place: Place) {
        let path = Self.path(of: place.endpoint)
        var status = stat()
        let isThere = unsafe stat(path, &status) == 0 && !path.hasPrefix("@")
        let file = isThere ? File(device: status.st_dev, number: status.st_ino) : nil
        if let known = names[place.endpoint] ?? file.flatMap({ files[$0] }) {
            places[known].isAsked = places[known].isAsked || place.isAsked
            return
        }
        names[place.endpoint] = places.count
        if let file { files[file] = places.count }
        places.append(place)
    }

    /// - Parameter descriptor: the directory's, which is closed.
    private mutating func addSockets(in path: String, _ descriptor: Int32, trusted: uid_t?) throws(Failure) {
        guard let folder = unsafe fdopendir(descriptor) else {
            let number = errno
            close(descriptor)
            throw Self.failure(path, number)
        }
        defer { unsafe closedir(folder) }
        var endpoints: [String] = []
        while endpoints.count < Self.most, let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(validatingCString: $0) }
            }
            if let name, name.hasSuffix(".stats") { endpoints.append("ipc://\(path)/\(name)") }
        }
        for endpoint in endpoints.sorted() where places.count < Self.most {
            add(Place(endpoint: endpoint, isAsked: false, trusted: trusted))
        }
    }

    /// - Returns: nil where there is nothing.
    private static func open(_ path: String, _ flags: Int32) throws(Failure) -> Int32? {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags)
        guard descriptor < 0 else { return descriptor }
        let number = errno
        if number == ENOENT { return nil }
        // A link is none either, where none is followed.
        if flags & O_NOFOLLOW != 0, number == ENOTDIR || number == ELOOP { throw refusal(path, "it is no directory") }
        throw failure(path, number)
    }

    private static func status(of descriptor: Int32, _ path: String) throws(Failure) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
        return status
    }

    private static func failure(_ path: String, _ number: Int32) -> Failure {
        Failure(.failed, "can not read \(path): \(describe(number))")
    }

    private static func refusal(_ path: String, _ reason: String) -> Failure {
        Failure(.failed, "the directory \(path) is not to be believed: \(reason)")
    }
}
