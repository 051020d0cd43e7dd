// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import ExperimanceZMQ

/// What an errno is told as.
private struct Told: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let failure: ConnectFailure
    let code: ZMQSocketError.Code
    let isRetryable: Bool
    let words: String

    init(_ line: DataLine) throws {
        testDescription = line.description
        failure = try Self.failure(of: line)
        code = try line.code(line.columns[2])
        let isRetryable = ["again": true, "final": false][line.columns[3]]
        self.isRetryable = try line.require(isRetryable, "\(line.columns[3]) is neither again nor final")
        words = line.columns[4]
    }

    private static func failure(of line: DataLine) throws -> ConnectFailure {
        let (call, name) = (line.columns[0], line.columns[1])
        if call == "getaddrinfo" {
            let parts = name.split(separator: "/").map(String.init)
            let status = try line.require(resolverStatuses[parts[0]], "there is no \(parts[0])")
            let number = try parts.count > 1 ? line.require(errnos[parts[1]], "there is no \(parts[1])") : 0
            return ConnectFailure(resolverStatus: status, errno: number, host: "name")
        }
        let calls: [String: LinkCall] = ["socket": .socket, "connect": .connect, "bind": .bind]
        return ConnectFailure(
            errno: try line.require(errnos[name], "there is no errno \(name)"),
            of: try line.require(calls[call], "there is no call \(call)")
        )
    }

    static func all() throws -> [Told] { try DataLine.read("errnos.tsv", columns: 6).map(Told.init) }

    private static let errnos: [String: Int32] = [
        "EACCES": EACCES, "EADDRINUSE": EADDRINUSE, "EADDRNOTAVAIL": EADDRNOTAVAIL, "EAFNOSUPPORT": EAFNOSUPPORT,
        "EAGAIN": EAGAIN, "EALREADY": EALREADY, "EBADF": EBADF, "ECONNABORTED": ECONNABORTED,
        "ECONNREFUSED": ECONNREFUSED, "ECONNRESET": ECONNRESET, "EDESTADDRREQ": EDESTADDRREQ, "EFAULT": EFAULT,
        "EHOSTDOWN": EHOSTDOWN, "EHOSTUNREACH": EHOSTUNREACH, "EINPROGRESS": EINPROGRESS, "EINTR": EINTR,
        "EINVAL": EINVAL, "EIO": EIO, "EISCONN": EISCONN, "EISDIR": EISDIR, "ELOOP": ELOOP, "EMFILE": EMFILE,
        "ENAMETOOLONG": ENAMETOOLONG, "ENETDOWN": ENETDOWN, "ENETUNREACH": ENETUNREACH, "ENFILE": ENFILE,
        "ENOBUFS": ENOBUFS, "ENODEV": ENODEV, "ENOENT": ENOENT, "ENOMEM": ENOMEM, "ENONET": ENONET,
        "ENOSPC": ENOSPC, "EDQUOT": EDQUOT, "ENOTDIR": ENOTDIR, "ENOTSOCK": ENOTSOCK, "ENXIO": ENXIO,
        "EOPNOTSUPP": EOPNOTSUPP, "EPERM": EPERM, "EPIPE": EPIPE, "EPROTONOSUPPORT": EPROTONOSUPPORT,
        "EPROTOTYPE": EPROTOTYPE, "EROFS": EROFS, "ESOCKTNOSUPPORT": ESOCKTNOSUPPORT, "ETIMEDOUT": ETIMEDOUT,
    ]

    /// By their numbers in `<netdb.h>` of glibc, which shows some of them only with its own extensions.
    private static let resolverStatuses: [String: Int32] = [
        "EAI_BADFLAGS": -1, "EAI_NONAME": -2, "EAI_AGAIN": -3, "EAI_FAIL": -4, "EAI_NODATA": -5, "EAI_FAMILY": -6,
        "EAI_SOCKTYPE": -7, "EAI_SERVICE": -8, "EAI_ADDRFAMILY": -9, "EAI_MEMORY": -10, "EAI_SYSTEM": -11,
        "EAI_OVERFLOW": -12, "EAI_IDN_ENCODE": -105,
    ]
}

@Suite("What an errno is told as", .watchdog)
struct SystemCallFailureTests {
    @Test("The true status, tried again or not, and a sentence for it", arguments: try Told.all())
    private func told(_ told: Told) {
        #expect(told.failure.code == told.code)
        #expect(told.failure.code.isRetryable == told.isRetryable)
        #expect(told.failure.reason.contains(told.words), "\(told.failure.reason)")
    }
}
