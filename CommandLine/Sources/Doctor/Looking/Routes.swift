// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Which way the kernel would send to an address.
struct Route: Equatable {
    /// The address it would send from.
    let source: String
    /// The interface with that address; nil for one that has just gone.
    let interface: String?
    /// It is an address of this very machine.
    let isLocal: Bool

    /// Asks the kernel, without sending anything.
    ///
    /// - Returns: nil with the errno where there is no way.
    static func find(to address: SocketAddress) -> (route: Route?, number: Int32) {
        let descriptor = socket(address.family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return (nil, errno) }
        defer { close(descriptor) }
        let status = address.withPointer { unsafe connect(descriptor, $0, $1) }
        guard status == 0 else { return (nil, errno) }
        guard let own = SocketAddress(.own, of: descriptor) else { return (nil, errno) }
        let interfaces = Interfaces.all()
        let interface = interfaces.first { $0.address.host == own.host }?.name
        let isLocal = address.isOfMachine(with: interfaces.map(\.address.host))
        return (Route(source: own.text, interface: interface, isLocal: isLocal), 0)
    }
}

extension SocketAddress {
    /// Whether what is sent there stays in a machine whose interfaces have these addresses: all of 127/8 does, whether
    /// or not an interface has it, and so does the address of every interface, which connect(2) takes for the loopback.
    func isOfMachine(with interfaces: [[UInt8]]) -> Bool {
        let host = HostBytes.plain(host)
        switch host.count {
        case 4 where host.first == 127: return true
        case 4, 16: return host.allSatisfy { $0 == 0 } || host == HostBytes.loopback || interfaces.contains(host)
        default: return false
        }
    }
}

/// The addresses that this machine has.
enum Interfaces {
    static func all() -> [(name: String, address: SocketAddress)] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&list) == 0 else { return [] }
        defer { unsafe freeifaddrs(list) }
        var found: [(name: String, address: SocketAddress)] = []
        var next = unsafe list
        while let entry = unsafe next {
            unsafe next = entry.pointee.ifa_next
            guard let address = unsafe entry.pointee.ifa_addr, let name = unsafe entry.pointee.ifa_name else {
                continue
            }
            let length: Int
            switch unsafe Int32(address.pointee.sa_family) {
            case AF_INET: length = MemoryLayout<sockaddr_in>.size
            case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
            default: continue
            }
            guard let copy = unsafe SocketAddress(address, length: socklen_t(length)) else { continue }
            unsafe found.append((String(cString: name), copy))
        }
        return found
    }
}
