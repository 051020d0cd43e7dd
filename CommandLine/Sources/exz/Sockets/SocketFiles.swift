// SPDX-License-Identifier: Apache-2.0

import Shell
import Synchronization

/// The files behind the ipc endpoints that a socket is bound to.
final class SocketFiles: Sendable {
    private let files = Mutex<[SocketFile]>([])

    /// - Parameter endpoint: where the socket listens.
    func add(endpoint: String) {
        let scheme = "ipc://"
        // An abstract name has no file.
        guard endpoint.hasPrefix(scheme), let file = SocketFile(at: String(endpoint.dropFirst(scheme.count))) else {
            return
        }
        files.withLock { $0.append(file) }
    }

    /// Removes those that are still there.
    func remove() {
        for file in files.withLock({ $0 }) { file.remove() }
    }
}
