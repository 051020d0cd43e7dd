// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Glibc
import Shell

/// Where programs serve their statistics.
enum StatisticsPlaces {
    /// Files that are looked at, at most: whoever fills the directory is not waited for.
    private static let most = 500

    /// The sockets in a directory that have an ending of theirs, as endpoints; none where there is no directory.
    ///
    /// - Throws: `failed` for one that can not be read.
    static func endpoints(in directory: String) throws(Failure) -> [String] {
        guard let folder = unsafe opendir(directory) else {
            guard errno == ENOENT else { throw Failure(.failed, "can not read \(directory): \(describe(errno))") }
            return []
        }
        defer { unsafe closedir(folder) }
        var endpoints: [String] = []
        while endpoints.count < most, let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(validatingCString: $0) }
            }
            if let name, name.hasSuffix(".stats") { endpoints.append("ipc://\(directory)/\(name)") }
        }
        return endpoints.sorted()
    }
}
