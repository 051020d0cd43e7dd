// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Standard input, or a file, as it comes. It is read no faster than it is used, so that whoever writes into it waits.
public struct Input: Sendable {
    /// Bytes that are read at once at most.
    private static let chunk = 65_536

    private let descriptor: Int32
    /// As a person knows it.
    private let name: String

    /// - Throws: `failed` where the shell has closed it.
    public init() throws(Failure) {
        guard !StandardStreams.isClosed(STDIN_FILENO) else {
            throw Failure(.failed, "standard input is closed: give the messages as arguments, or open it")
        }
        self.init(descriptor: STDIN_FILENO)
    }

    init(descriptor: Int32, name: String = "standard input") {
        self.descriptor = descriptor
        self.name = name
    }

    /// The next bytes; nil at the end.
    ///
    /// - Throws: `failed` for what can not be read.
    public func read() throws(Failure) -> [UInt8]? {
        while true {
            var number: Int32 = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
                let found = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                number = found < 0 ? errno : 0
                count = max(0, found)
            }
            switch number {
            case 0: return bytes.isEmpty ? nil : bytes
            case EINTR: continue
            case EAGAIN: waitFor(descriptor, POLLIN)
            default: throw Failure(.failed, "can not read \(name): \(describe(number))")
            }
        }
    }

    /// Whether a read would not wait.
    public var isReady: Bool {
        var item = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: POLLIN), revents: 0)
        return unsafe poll(&item, 1, 0) > 0
    }
}
