// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// Descriptors that listen, made here and handed to libzmq.
///
/// A bind of libzmq's own lists the interfaces first, and aborts where that is forbidden (netlink); and it removes
/// whatever is at the path of an ipc endpoint.
package enum ListeningDescriptor {
    package struct Failure: Error, Equatable {
        /// An errno.
        package let number: Int32
        /// There was not even a descriptor.
        package var isForNone: Bool

        package init(number: Int32, isForNone: Bool = false) {
            self.number = number
            self.isForNone = isForNone
        }
    }

    /// What there is to know of one that the caller brings.
    enum Verdict: Equatable {
        case tcp
        case local
        /// What it is instead, as a clause about the descriptor.
        case unfit(String)
    }

    // MARK: Addresses

    /// Where to listen, the first that can be had; nil if the host is a name to be resolved.
    package static func addresses(of host: String, port: UInt16) throws(Failure) -> [NumericAddress]? {
        if host == "*" { return wildcards(port: port) }
        if let numeric = NumericAddress(host, port: port) { return [numeric] }
        guard unsafe if_nametoindex(host) != 0 else { return nil }
        return [try address(ofInterface: host, port: port)]
    }

    /// Where to listen for a wildcard, the first that can be had: both families with one descriptor, else IPv4.
    static func wildcards(port: UInt16) -> [NumericAddress] {
        ["::", "0.0.0.0"].compactMap { NumericAddress($0, port: port) }
    }

    /// Whether another family is worth a try after this. Where the first one is forbidden or not there it is; that an
    /// address is in use, or the process at its limit, it would say again or hide.
    package static func asksForAnotherFamily(_ number: Int32) -> Bool {
        ![EADDRINUSE, EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(number)
    }

    /// The IPv4 address of an interface.
    private static func address(ofInterface name: String, port: UInt16) throws(Failure) -> NumericAddress {
        var found = sockaddr_in()
        let number = unsafe clinux_interface_address(name, &found)
        guard number == 0 else { throw Failure(number: number) }
        found.sin_port = port.bigEndian
        let address = unsafe withUnsafePointer(to: &found) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe NumericAddress($0, length: socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard let address else { throw Failure(number: EADDRNOTAVAIL) }
        return address
    }

    // MARK: Making one

    /// Listens at the first of the addresses that can be had.
    static func open(at addresses: [NumericAddress], _ settings: ListeningSettings) throws(Failure) -> Int32 {
        var failure = Failure(number: EADDRNOTAVAIL)
        for address in addresses {
            do throws(Failure) {
                return try open(at: address, settings)
            } catch {
                failure = error
                guard asksForAnotherFamily(error.number) else { break }
            }
        }
        throw failure
    }

    /// Listens at one address, with what libzmq would have set.
    private static func open(at address: NumericAddress, _ settings: ListeningSettings) throws(Failure) -> Int32 {
        let descriptor = try new(address.family)
        do throws(Failure) {
            try set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            if address.family == AF_INET6 { try set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
            try settings.apply(to: descriptor, family: address.family)
            try bind(descriptor, to: address)
            try listen(descriptor, settings)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Listens on the loopback, at a port that the system chooses, for connections whose end is a reset: they have that
    /// from the descriptor that accepts them.
    static func openForResets() throws(Failure) -> Int32 {
        guard let address = NumericAddress("127.0.0.1", port: 0) else { throw Failure(number: EADDRNOTAVAIL) }
        let descriptor = try new(address.family)
        do throws(Failure) {
            var atOnce = linger(l_onoff: 1, l_linger: 0)
            let size = socklen_t(MemoryLayout<linger>.size)
            _ = try unsafe check(setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &atOnce, size))
            try bind(descriptor, to: address)
            _ = try check(LibC.listen(descriptor, 1))
        } catch {
            LibC.close(descriptor)
            throw error
        }
        return descriptor
    }

    package static func new(_ family: Int32) throws(Failure) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw Failure(number: errno, isForNone: true) }
        return descriptor
    }

    package static func bind(_ descriptor: Int32, to address: NumericAddress) throws(Failure) {
        _ = try check(address.withSockaddr { unsafe LibC.bind(descriptor, $0, $1) })
    }

    package static func listen(_ descriptor: Int32, _ settings: ListeningSettings) throws(Failure) {
        _ = try check(LibC.listen(descriptor, settings.backlog))
    }

    package static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) throws(Failure) {
        var value = value
        _ = try unsafe check(setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)))
    }

    private static func check(_ answer: Int32) throws(Failure) -> Int32 {
        guard answer >= 0 else { throw Failure(number: errno) }
        return answer
    }

    // MARK: One that is there

    /// Whether the descriptor is one that libzmq can accept connections from. With any other it would abort.
    static func examine(_ descriptor: Int32) -> Verdict {
        guard fcntl(descriptor, F_GETFD) >= 0 else { return .unfit("it is not open") }
        guard let type = option(SO_TYPE, of: descriptor) else {
            return .unfit(
                errno == ENOTSOCK ? "it is not a socket" : "it can not be examined: \(describe(errno: errno))"
            )
        }
        guard type == Int32(SOCK_STREAM.rawValue) else { return .unfit("it is not a stream socket") }
        guard option(SO_ACCEPTCONN, of: descriptor) == 1 else { return .unfit("it does not listen") }
        switch option(SO_DOMAIN, of: descriptor) {
        case AF_INET, AF_INET6:
            return option(SO_PROTOCOL, of: descriptor) == Int32(IPPROTO_TCP) ? .tcp : .unfit("it is not a TCP socket")
        case AF_UNIX: return .local
        default: return .unfit("it is neither a TCP nor a local socket")
        }
    }

    /// A copy for libzmq, which closes it in the end. It does not wait for connections that are not there.
    static func copy(_ descriptor: Int32) throws(Failure) -> Int32 {
        let copy = try check(fcntl(descriptor, F_DUPFD_CLOEXEC, 0))
        do throws(Failure) {
            let flags = try check(fcntl(copy, F_GETFL))
            _ = try check(fcntl(copy, F_SETFL, flags | O_NONBLOCK))
        } catch {
            close(copy)
            throw error
        }
        return copy
    }

    static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }
}
