// SPDX-License-Identifier: Apache-2.0

import LibC

/// An address of the Internet, as a number. An IPv4 address that is written as an IPv6 one is what it stands for.
package struct IPAddress: Hashable, Sendable {
    let isIPv6: Bool
    /// The address from its first bit on: an IPv4 address has its bits at the beginning.
    fileprivate let bits: (high: UInt64, low: UInt64)

    /// - Parameter text: a numeric address; what is behind `%`, the interface of a link-local one, is left out.
    package init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        let bare = String(text.prefix { $0 != "%" })
        var four = in_addr()
        var sixteen = in6_addr()
        if unsafe inet_pton(AF_INET, bare, &four) == 1 {
            self.init(isIPv6: false, high: UInt64(UInt32(bigEndian: four.s_addr)) << 32, low: 0)
        } else if unsafe inet_pton(AF_INET6, bare, &sixteen) == 1 {
            let (high, low) = unsafe withUnsafeBytes(of: &sixteen) { bytes in
                unsafe (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            if high == 0, low >> 32 == 0xFFFF {
                self.init(isIPv6: false, high: low << 32, low: 0)
            } else {
                self.init(isIPv6: true, high: high, low: low)
            }
        } else {
            return nil
        }
    }

    private init(isIPv6: Bool, high: UInt64, low: UInt64) {
        self.isIPv6 = isIPv6
        bits = (high, low)
    }

    fileprivate var length: Int { isIPv6 ? 128 : 32 }

    /// The same with zeros behind the first so many bits.
    fileprivate func cut(to length: Int) -> IPAddress {
        let high = length >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(length))
        let low = length >= 128 ? UInt64.max : length <= 64 ? 0 : ~(UInt64.max >> UInt64(length - 64))
        return IPAddress(isIPv6: isIPv6, high: bits.high & high, low: bits.low & low)
    }

    package static func == (left: IPAddress, right: IPAddress) -> Bool {
        left.isIPv6 == right.isIPv6 && left.bits == right.bits
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(isIPv6)
        hasher.combine(bits.high)
        hasher.combine(bits.low)
    }
}

/// Addresses that have their first bits in common.
package struct NetworkRange: Hashable, Sendable {
    private let first: IPAddress
    private let length: Int

    /// - Parameter text: an address, which is a range of its own, or one with the number of bits that count, such as
    ///   10.1.0.0/16.
    /// - Throws: `invalid` for what is neither, and for a range whose address has more bits than count.
    package init(_ text: String) throws(ZMQSocketError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let written = parts.first, !written.contains("%"), let address = IPAddress(String(written)) else {
            throw Self.invalid("address \"\(text)\" is neither a numeric address nor a range such as 10.1.0.0/16")
        }
        guard parts.count > 1 else {
            (first, length) = (address, address.length)
            return
        }
        let isMapped = !address.isIPv6 && written.contains(":")
        let most = isMapped ? 128 : address.length
        let digits = parts[1].utf8
        guard 1...3 ~= digits.count, digits.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(parts[1]),
            (isMapped ? 96 : 0)...most ~= number
        else { throw Self.invalid("address \"\(text)\": behind the / has to be a number of bits, up to \(most)") }
        length = isMapped ? number - 96 : number
        first = address.cut(to: length)
        guard first == address else {
            throw Self.invalid("address \"\(text)\" has more bits than the \(number) that are to count")
        }
    }

    private static func invalid(_ message: String) -> ZMQSocketError { ZMQSocketError(.invalid, message: message) }

    func contains(_ address: IPAddress) -> Bool {
        address.isIPv6 == first.isIPv6 && address.cut(to: length) == first
    }
}
