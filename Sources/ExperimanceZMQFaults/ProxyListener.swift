// SPDX-License-Identifier: Apache-2.0

import CLinux
import ExperimanceZMQ
import LibC

/// Where a proxy listens. While it is paused connects are refused, and nobody else can have the endpoint.
///
/// Everything but the making is done with the relay's lock held.
final class ProxyListener: @unchecked Sendable {
    // Unchecked: see above.
    /// With the real port.
    let endpoint: String
    let isLocal: Bool
    private let path: String?
    private var descriptor: Int32
    private var file: LocalPath?
    private var watch: Supervisor.Token?
    private let relay: Relay

    /// How often a port that the system has chosen may be somebody else's a moment later.
    private static let mostTries = 16

    /// Listens at a path or an abstract name; "*" is an abstract name of our choice.
    init(path wanted: String, relay: Relay) throws(ConnectFailure) {
        let path = wanted == "*" ? "@exz-fault-proxy-\(String(UInt64.random(in: .min ... .max), radix: 36))" : wanted
        (descriptor, file) = try LocalPath.listen(at: path, ListeningSettings())
        (self.path, endpoint, isLocal, self.relay) = (path, "ipc://\(path)", true, relay)
        RelayDescriptors.add(descriptor)
    }

    /// Listens at the first of the addresses that can be had.
    init(at addresses: [NumericAddress], relay: Relay) throws(ConnectFailure) {
        var failure = ListeningDescriptor.Failure(number: EADDRNOTAVAIL)
        for address in addresses {
            do throws(ListeningDescriptor.Failure) {
                let (descriptor, actual) = try Self.reserve(address)
                do throws(ListeningDescriptor.Failure) {
                    try Self.listen(descriptor)
                } catch {
                    close(descriptor)
                    throw error
                }
                self.descriptor = descriptor
                (path, endpoint, isLocal, self.relay) = (nil, actual.endpoint.string, false, relay)
                RelayDescriptors.add(descriptor)
                return
            } catch {
                failure = error
                guard ListeningDescriptor.asksForAnotherFamily(error.number) else { break }
            }
        }
        throw ConnectFailure(failure)
    }

    // MARK: A port of our own

    /// A socket that has the port for good, whether it listens or not.
    private static func reserve(
        _ address: NumericAddress
    ) throws(ListeningDescriptor.Failure) -> (descriptor: Int32, actual: NumericAddress) {
        guard address.port == 0 else { return (try bind(to: address), address) }
        // A port that the system chooses in bind(2) would be given back with each pause.
        for _ in 0..<mostTries {
            let chosen = try chosenPort(at: address)
            do throws(ListeningDescriptor.Failure) {
                return (try bind(to: chosen), chosen)
            } catch {
                guard error.number == EADDRINUSE else { throw error }
            }
        }
        throw ListeningDescriptor.Failure(number: EADDRINUSE)
    }

    /// The address with a port that was free just now.
    private static func chosenPort(
        at address: NumericAddress
    ) throws(ListeningDescriptor.Failure) -> NumericAddress {
        let descriptor = try socket(address.family)
        defer { close(descriptor) }
        try ListeningDescriptor.bind(descriptor, to: address)
        guard let chosen = NumericAddress(ofSocket: descriptor) else { throw .init(number: EADDRNOTAVAIL) }
        return chosen
    }

    /// Without `SO_REUSEADDR`, which would let others in during a pause; where connections of the port's last owner are
    /// still remembered there is no other way.
    private static func bind(to address: NumericAddress) throws(ListeningDescriptor.Failure) -> Int32 {
        let descriptor = try socket(address.family)
        do throws(ListeningDescriptor.Failure) {
            do throws(ListeningDescriptor.Failure) {
                try ListeningDescriptor.bind(descriptor, to: address)
            } catch {
                guard error.number == EADDRINUSE else { throw error }
                try ListeningDescriptor.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
                try ListeningDescriptor.bind(descriptor, to: address)
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func socket(_ family: Int32) throws(ListeningDescriptor.Failure) -> Int32 {
        let descriptor = try ListeningDescriptor.new(family)
        guard family == AF_INET6 else { return descriptor }
        do throws(ListeningDescriptor.Failure) {
            try ListeningDescriptor.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// With `SO_REUSEADDR`, which its connections inherit: those that are left of them later are not in the way.
    private static func listen(_ descriptor: Int32) throws(ListeningDescriptor.Failure) {
        try ListeningDescriptor.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        try ListeningDescriptor.listen(descriptor, ListeningSettings())
    }

    // MARK: At work

    /// Has the handler called when there is somebody to accept.
    func start(_ handler: @escaping @Sendable () -> Void) throws(ZMQSocketError) {
        watch = try relay.supervisor.watch(descriptor, events: Supervisor.eachChange) { _ in handler() }
    }

    /// - Returns: a socket, or an errno, negated.
    func accept() -> Int32 {
        let accepted = clinux_accept(descriptor)
        return accepted >= 0 ? accepted : -errno
    }

    /// Refuses from now on. Those that have not been accepted yet are lost.
    func pause() {
        _ = shutdown(descriptor, Int32(SHUT_RD))
        guard isLocal else {
            // From now on it is in the way of everybody, whatever they set.
            var isOn: Int32 = 0
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
            return
        }
        while case let accepted = clinux_accept(descriptor), accepted >= 0 { close(accepted) }
    }

    /// Listens again.
    ///
    /// - Parameter handler: as for ``start(_:)``.
    func resume(_ handler: @escaping @Sendable () -> Void) throws(ConnectFailure) {
        guard let path else {
            do throws(ListeningDescriptor.Failure) {
                return try Self.listen(descriptor)
            } catch {
                throw ConnectFailure(error)
            }
        }
        // A local socket that was shut down listens no more: there has to be another one.
        end()
        (descriptor, file) = try LocalPath.listen(at: path, ListeningSettings())
        RelayDescriptors.add(descriptor)
        do throws(ZMQSocketError) {
            try start(handler)
        } catch {
            throw ConnectFailure(error)
        }
    }

    /// Gives the endpoint back. A child of the process may have the socket as well.
    func end() {
        guard descriptor >= 0 else { return }
        if let watch { relay.supervisor.unwatch(watch, descriptor: descriptor) }
        watch = nil
        _ = shutdown(descriptor, Int32(SHUT_RD))
        file?.remove()
        file = nil
        RelayDescriptors.close(descriptor)
        descriptor = -1
    }
}
