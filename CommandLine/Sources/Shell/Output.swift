// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Standard output. What is written waits for whoever reads it, so that a slow reader slows the sender.
public struct Output: Sendable {
    private let descriptor: Int32

    /// - Throws: `failed` where the shell has closed it.
    public init() throws(Failure) {
        guard !StandardStreams.isClosed(STDOUT_FILENO) else {
            throw Failure(.failed, "standard output is closed: there is nowhere to write to")
        }
        self.init(descriptor: STDOUT_FILENO)
    }

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes all of it. Where nobody reads any more the process ends, as a shell expects.
    ///
    /// - Throws: `failed` without room.
    public func write(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let (written, number) = unsafe rest.withUnsafeBytes { bytes in
                let written = unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
                return (written, errno)
            }
            if written >= 0 {
                rest = rest.dropFirst(written)
                continue
            }
            switch number {
            case EINTR: continue
            case EAGAIN: waitFor(descriptor, POLLOUT)
            case EPIPE: Endings.end(by: SIGPIPE)
            default: throw Failure(.failed, "can not write to standard output: \(describe(number))")
            }
        }
    }

    /// Writes lines while the process is being ended: whether anybody reads them changes nothing any more.
    public func writeLastWords(_ lines: [String]) {
        var rest = Array(lines.map { "\($0)\n" }.joined().utf8)[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written == 0 || errno != EINTR {
                return
            }
        }
    }

    /// Writes a line.
    ///
    /// - Throws: as ``write(_:)``.
    public func write(line: String) throws(Failure) { try write(Array("\(line)\n".utf8)) }
}

/// Waits for a descriptor that somebody has made one that does not wait.
func waitFor(_ descriptor: Int32, _ events: Int32) {
    var item = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
    _ = unsafe poll(&item, 1, -1)
}
