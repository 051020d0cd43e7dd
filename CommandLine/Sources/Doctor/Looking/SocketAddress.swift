// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where something listens: an address of one of the Internet families with its port, or of the local domain.
struct SocketAddress: Equatable, Sendable {
    let family: Int32
    private let bytes: [UInt8]

    /// A copy of what the system has given.
    @unsafe
    init?(_ address: UnsafePointer<sockaddr>?, length: socklen_t) {
        guard let address = unsafe address, length >= 2, Int(length) <= MemoryLayout<sockaddr_storage>.size else {
            return nil
        }
        family = unsafe Int32(address.pointee.sa_family)
        unsafe bytes = Array(UnsafeRawBufferPointer(start: address, count: Int(length)))
    }

    /// A path, or an abstract name that begins with `@`; nil if it is too long.
    init?(path: String) {
        var name = Array(path.utf8)
        guard !name.isEmpty, name.count < 108 else { return nil }
        let isAbstract = name[0] == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 } else { name.append(0) }
        family = AF_UNIX
        let number = sa_family_t(AF_UNIX)
        bytes = unsafe withUnsafeBytes(of: number) { unsafe Array($0) } + name
    }

    /// Every address of the machine.
    init(everywhere family: Int32, port: UInt16) {
        self.family = family
        let number = sa_family_t(truncatingIfNeeded: family)
        let head = unsafe withUnsafeBytes(of: number) { unsafe Array($0) }
        let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        let known = head + [UInt8(truncatingIfNeeded: port >> 8), UInt8(truncatingIfNeeded: port)]
        bytes = known + [UInt8](repeating: 0, count: size - known.count)
    }

    /// An address in bytes, 4 or 16, without a port.
    init(host: [UInt8]) {
        let family = host.count == 4 ? AF_INET : AF_INET6
        let empty = SocketAddress(everywhere: family, port: 0)
        let place = family == AF_INET ? 4..<8 : 8..<24
        var changed = empty.bytes
        if place.count == host.count { changed.replaceSubrange(place, with: host) }
        self.init(family: family, bytes: changed)
    }

    /// The port; nil in the local domain.
    var port: UInt16? {
        guard family != AF_UNIX, bytes.count >= 4 else { return nil }
        return UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    }

    /// The address without its port; empty in the local domain.
    var host: [UInt8] {
        let place = family == AF_INET ? 4..<8 : 8..<24
        return family != AF_UNIX && bytes.count >= place.upperBound ? Array(bytes[place]) : []
    }

    /// The same address with another port.
    func at(port: UInt16) -> SocketAddress {
        var changed = bytes
        guard family != AF_UNIX, bytes.count >= 4 else { return self }
        changed[2] = UInt8(truncatingIfNeeded: port >> 8)
        changed[3] = UInt8(truncatingIfNeeded: port)
        return SocketAddress(family: family, bytes: changed)
    }

    private init(family: Int32, bytes: [UInt8]) {
        (self.family, self.bytes) = (family, bytes)
    }

    /// The address in numbers, without its port.
    var text: String {
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let failed = withPointer { address, length in
            unsafe getnameinfo(address, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST)
        }
        return failed == 0 ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "?"
    }

    @safe
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(bytes.count)) }
        }
    }

    /// The two ends of a socket.
    enum End { case own, peer }

    /// An end of a socket; nil where there is none.
    init?(_ end: End, of descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let found: SocketAddress? = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let status =
                    switch end {
                    case .own: unsafe getsockname(descriptor, address, &length)
                    case .peer: unsafe getpeername(descriptor, address, &length)
                    }
                return status == 0 ? unsafe SocketAddress(address, length: length) : nil
            }
        }
        guard let found else { return nil }
        self = found
    }
}
