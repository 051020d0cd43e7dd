// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// Keeps connections to a port of this host from meeting themselves.
///
/// Where nobody listens, a connect to a local port succeeds if the kernel happens to choose that very port for the
/// connecting end: TCP lets two ends that connect to each other meet, and these are one. From the range that ports are
/// chosen from, that is a matter of hours; libzmq's own attempts do it as well. A port that a socket is bound to is not
/// chosen. So a socket is bound to the port while a link to it is being made.
///
/// It must not be in the way of the service. It does not listen and shares its port with all that do the same or set
/// `SO_REUSEADDR`, as services do; and as the kernel chooses by the port alone, it has an address of the other family,
/// where hardly anybody binds without.
final class PortGuards: Sendable {
    /// Holds a port for as long as somebody refers to it.
    final class Hold: Sendable {
        private let descriptor: Int32

        fileprivate init?(port: UInt16, against family: Int32) {
            let other = family == AF_INET ? NumericAddress("::1", port: port) : NumericAddress("127.0.0.1", port: port)
            guard let other else { return nil }
            let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            descriptor = socket(other.family, type, 0)
            guard descriptor >= 0 else { return nil }
            var isOn: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, size)
            // Where it fails somebody has the port, and it is not chosen either.
            guard other.withSockaddr({ unsafe bind(descriptor, $0, $1) }) == 0 else {
                close(descriptor)
                return nil
            }
        }

        deinit {
            close(descriptor)
        }
    }

    private struct Reference {
        weak var hold: Hold?
    }

    /// What a kernel has that nobody told otherwise.
    private static var usualRange: ClosedRange<UInt16> { 32_768...60_999 }

    /// One for all links to a port.
    private let holds = Guarded<[UInt16: Reference]>([:])

    /// Holds the port of an address, if connections to it could meet themselves.
    func hold(portOf address: NumericAddress) -> Hold? {
        guard let port = address.port, Self.chosenPorts.contains(port), address.isLocal else { return nil }
        return holds.withLock { holds in
            if let hold = holds[port]?.hold { return hold }
            holds = holds.filter { $0.value.hold != nil }
            let hold = Hold(port: port, against: address.family)
            holds[port] = Reference(hold: hold)
            return hold
        }
    }

    /// The ports that the kernel chooses from.
    private static var chosenPorts: ClosedRange<UInt16> {
        let file = unsafe open("/proc/sys/net/ipv4/ip_local_port_range", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return usualRange }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 32)
        let count = unsafe read(file, &text, text.count)
        let numbers = text.prefix(max(0, count)).split { !(0x30...0x39).contains($0) }
            .compactMap { UInt16(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 2, numbers[0] <= numbers[1] else { return usualRange }
        return numbers[0]...numbers[1]
    }
}
