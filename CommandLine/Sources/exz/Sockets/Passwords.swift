// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Shell

/// Files of passwords.
enum Passwords {
    /// The password of a client.
    ///
    /// - Throws: `failed` for a file that has not one line.
    static func only(in file: String) throws(Failure) -> String {
        let lines = try SecretFile.lines(of: file)
        guard lines.count == 1, let password = lines.first else {
            throw Failure(.failed, "\(file): it has \(lines.count) lines, and the password is the only one")
        }
        return password
    }

    /// Lets in all that a file names.
    ///
    /// - Throws: `failed` for a line that is not NAME:PASSWORD; what the library says of either.
    static func allow(allAt file: String, _ authenticator: ZMQAuthenticator) throws {
        let lines = try SecretFile.lines(of: file)
        if lines.isEmpty { throw Failure(.failed, "\(file): it is empty, so nobody could come in") }
        for (index, line) in lines.enumerated() {
            // A password may have colons.
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = parts.first, let password = parts.last else {
                throw Failure(.failed, "\(file): line \(index + 1) is not NAME:PASSWORD")
            }
            do throws(ZMQSocketError) {
                try authenticator.allow(username: String(name), password: String(password))
            } catch {
                throw Failure(.failed, "\(file): line \(index + 1): \(error.message)")
            }
        }
    }
}
