// SPDX-License-Identifier: Apache-2.0

/// Addresses of hosts as bytes, 4 or 16.
enum HostBytes {
    /// That of this machine itself, over IPv6.
    static let loopback: [UInt8] = [UInt8](repeating: 0, count: 15) + [1]

    private static let mappedIPv4: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    /// An IPv4 address that is written as one of IPv6 (RFC 4291, 2.5.5.2) as what it is.
    static func plain(_ host: [UInt8]) -> [UInt8] {
        host.count == 16 && host.starts(with: mappedIPv4) ? Array(host.suffix(4)) : host
    }
}
