// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// An address that needs no name service: what libzmq is given to connect to, and what a probe connects to.
package struct NumericAddress: Hashable, Sendable {
    /// `AF_INET`, `AF_INET6` or `AF_UNIX`.
    package let family: Int32
    /// The endpoint in the form libzmq uses in its events.
    package let endpoint: ExactText
    private let bytes: [UInt8]

    /// Copies a socket address of the Internet families; nil for another family.
    init?(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        family = unsafe Int32(address.pointee.sa_family)
        guard family == AF_INET || family == AF_INET6, Int(length) <= MemoryLayout<sockaddr_storage>.size else {
            return nil
        }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: 8)
        guard
            unsafe getnameinfo(
                address,
                length,
                &host,
                socklen_t(host.count),
                &port,
                socklen_t(port.count),
                NI_NUMERICHOST | NI_NUMERICSERV
            ) == 0
        else { return nil }
        let hostText = unsafe host.withUnsafeBufferPointer { unsafe String(nulTerminated: $0) }
        let portText = unsafe port.withUnsafeBufferPointer { unsafe String(nulTerminated: $0) }
        let authority = family == AF_INET6 ? "[\(hostText)]:\(portText)" : "\(hostText):\(portText)"
        endpoint = ExactText("tcp://\(authority)")
        bytes = unsafe Array(UnsafeRawBufferPointer(start: address, count: Int(length)))
    }

    /// What a socket of the Internet families is bound to; nil for another.
    package init?(ofSocket descriptor: Int32) {
        var own = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let made = unsafe withUnsafeMutablePointer(to: &own) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe getsockname(descriptor, address, &length) == 0 ? NumericAddress(address, length: length) : nil
            }
        }
        guard let made else { return nil }
        self = made
    }

    /// Reads a numeric IPv4 or IPv6 address; nil if the host is a name.
    package init?(_ host: String, port: UInt16) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var results: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &results) == 0, let first = unsafe results else {
            return nil
        }
        defer { unsafe freeaddrinfo(first) }
        guard let address = unsafe first.pointee.ai_addr else { return nil }
        unsafe self.init(address, length: first.pointee.ai_addrlen)
    }

    /// A path, or an abstract name that starts with `@`, in the local domain; nil if it is too long.
    package init?(localPath path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        var name = Array(path.utf8)
        guard !name.isEmpty, name.count < capacity else { return nil }
        let isAbstract = name[0] == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        // An abstract name ends with the length of the address, a path with a NUL.
        let length = MemoryLayout<sa_family_t>.size + name.count + (isAbstract ? 0 : 1)
        family = AF_UNIX
        endpoint = ExactText("ipc://\(path)")
        bytes = unsafe withUnsafeBytes(of: &address) { unsafe Array($0.prefix(length)) }
    }

    /// Whether these are the bytes of the socket address.
    func isEqual(to other: UnsafeRawBufferPointer) -> Bool { unsafe bytes.elementsEqual(other) }

    /// An endpoint of libzmq's events as people write it: an IPv4 connection to a socket for both families carries its
    /// address within an IPv6 one.
    static func unmapped(_ endpoint: String) -> String {
        let prefix = "tcp://[::ffff:"
        guard endpoint.hasPrefix(prefix), let end = endpoint.lastIndex(of: "]") else { return endpoint }
        let host = endpoint[endpoint.index(endpoint.startIndex, offsetBy: prefix.utf8.count)..<end]
        guard host.utf8.contains(UInt8(ascii: ".")) else { return endpoint }
        return "tcp://\(host)\(endpoint[endpoint.index(after: end)...])"
    }

    /// The port; nil for what has none.
    package var port: UInt16? {
        // It follows the family in both Internet families, the more significant byte first.
        family == AF_UNIX ? nil : UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    }

    /// Whether it is an address of this very host: what is sent there is sent from there.
    var isLocal: Bool {
        guard family != AF_UNIX else { return true }
        // Connecting a datagram socket sends nothing, and asks for the route.
        let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard connect(descriptor) == 0 else { return false }
        var own = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isKnown = unsafe withUnsafeMutablePointer(to: &own) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length) == 0
            }
        }
        let host = family == AF_INET ? 4..<8 : 8..<24
        return unsafe isKnown && withUnsafeBytes(of: &own) { unsafe $0[host].elementsEqual(bytes[host]) }
    }

    /// Connects a socket, or begins to.
    ///
    /// - Returns: 0 or an errno.
    package func connect(_ descriptor: Int32) -> Int32 {
        withSockaddr { unsafe LibC.connect(descriptor, $0, $1) } == 0 ? 0 : errno
    }

    @safe
    func withSockaddr<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(bytes.count)) }
        }
    }
}

extension String {
    /// The text up to the first NUL, or all of it.
    init(nulTerminated buffer: UnsafeBufferPointer<CChar>) {
        self = unsafe buffer.withMemoryRebound(to: UInt8.self) {
            unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
