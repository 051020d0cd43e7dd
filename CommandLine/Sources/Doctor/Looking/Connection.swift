// SPDX-License-Identifier: Apache-2.0

import Glibc
import Shell

/// A connection of the doctor's own, without the library: to see what the library would see, and why.
final class Connection {
    private static let chunk = 16_384

    let descriptor: Int32

    /// What became of an attempt to connect.
    enum Attempt {
        case connected(Connection)
        case failed(errno: Int32)
        case timedOut
    }

    /// Why nothing more can be read or written.
    enum End: Error, Equatable {
        case timedOut
        /// The other side closed it, with 0, or it broke.
        case closed(errno: Int32)
    }

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Connects.
    ///
    /// - Throws: `failed` where the process gets no socket.
    static func open(to address: SocketAddress, until limit: TimeLimit) throws(Failure) -> Attempt {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else {
            // A kernel without IPv6 is one without a way to such an address.
            if errno == EAFNOSUPPORT { return .failed(errno: EAFNOSUPPORT) }
            throw Failure(.failed, "can not open a socket: \(describe(errno))")
        }
        let connection = Connection(descriptor)
        if address.family != AF_UNIX {
            var isOn: Int32 = 1
            _ = unsafe setsockopt(
                descriptor,
                Int32(IPPROTO_TCP),
                TCP_NODELAY,
                &isOn,
                socklen_t(MemoryLayout<Int32>.size)
            )
        }
        let status = address.withPointer { unsafe connect(descriptor, $0, $1) }
        if status == 0 { return .connected(connection) }
        guard errno == EINPROGRESS else { return .failed(errno: errno) }
        guard limit.wait(for: descriptor, POLLOUT) else { return .timedOut }
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) == 0 else {
            return .failed(errno: errno)
        }
        guard number == 0 else { return .failed(errno: number) }
        // The kernel may join a connection to itself where nobody listens at a local port.
        if let own = SocketAddress(.own, of: descriptor), own == SocketAddress(.peer, of: descriptor) {
            return .failed(errno: ECONNREFUSED)
        }
        return .connected(connection)
    }

    /// Ends the connection, whoever still has it.
    func end() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func send(_ bytes: [UInt8], until limit: TimeLimit) throws(End) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let (sent, number) = unsafe rest.withUnsafeBytes {
                (unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)), errno)
            }
            if sent > 0 {
                rest = rest.dropFirst(sent)
            } else if number == EAGAIN {
                guard limit.wait(for: descriptor, POLLOUT) else { throw .timedOut }
            } else if number != EINTR {
                throw .closed(errno: number)
            }
        }
    }

    /// The next bytes, at least one.
    func receive(until limit: TimeLimit) throws(End) -> [UInt8] {
        while true {
            var number: Int32 = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
                let found = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
                number = found < 0 ? errno : 0
                count = max(0, found)
            }
            switch number {
            case 0 where bytes.isEmpty: throw .closed(errno: 0)
            case 0: return bytes
            case EINTR: continue
            case EAGAIN: guard limit.wait(for: descriptor, POLLIN) else { throw .timedOut }
            default: throw .closed(errno: number)
            }
        }
    }

    /// The time to the other host and back, as the kernel has measured it; nil where there is none.
    var roundTrip: Duration? {
        var info = tcp_info()
        var length = socklen_t(MemoryLayout<tcp_info>.size)
        guard unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0 else { return nil }
        return .microseconds(Int64(info.tcpi_rtt))
    }

    /// The process that listens at the other end of a connection in the local domain.
    var peer: (process: Int, user: UInt32)? {
        // Process, user, group: struct ucred, which Swift does not see.
        var credentials = [UInt32](repeating: 0, count: 3)
        var length = socklen_t(credentials.count * MemoryLayout<UInt32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0, credentials[0] > 0
        else { return nil }
        return (Int(credentials[0]), credentials[1])
    }
}
