// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC

/// Where the connections of a proxy go.
enum ProxyTarget: Sendable {
    case addresses([NumericAddress])
    /// Has addresses that are looked up for each connection.
    case name(host: String, port: UInt16)

    /// - Throws: `notSupported` for what is not in another process.
    init(_ endpoint: Endpoint) throws(ZMQSocketError) {
        switch endpoint.target {
        case .tcp(let host, let port):
            let numeric = NumericAddress(host.string, port: port)
            self = numeric.map { .addresses([$0]) } ?? .name(host: host.string, port: port)
        case .ipc(let path):
            guard let address = NumericAddress(localPath: path.string) else {
                throw ZMQSocketError(.invalid, endpoint: endpoint.text.string, message: "the path is too long")
            }
            self = .addresses([address])
        case .inproc:
            throw ZMQSocketError(
                .notSupported,
                endpoint: endpoint.text.string,
                message: "a fault proxy relays tcp and ipc; inproc has no connections"
            )
        }
    }
}

/// The way to the target of one connection: its name is looked up, and one address after the other is tried.
///
/// Everything is done with the relay's lock held.
final class TargetSearch: @unchecked Sendable {
    // Unchecked: see above.
    typealias Completion = (Result<RelaySocket, ConnectFailure>) -> Void

    private let relay: Relay
    private let locked: @Sendable (() -> Void) -> Void
    private var rest: ArraySlice<NumericAddress> = []
    private var socket: RelaySocket?
    /// nil once it is over.
    private var completion: Completion?

    /// - Parameters:
    ///   - locked: takes the relay's lock.
    ///   - completion: called once, with the lock held, unless it is cancelled. Never before ``begin(_:)``.
    init(_ relay: Relay, _ locked: @escaping @Sendable (() -> Void) -> Void, completion: @escaping Completion) {
        self.relay = relay
        self.locked = locked
        self.completion = completion
    }

    func begin(_ target: ProxyTarget) {
        switch target {
        case .addresses(let addresses): tryNext(of: addresses[...], after: nil)
        case .name(let host, let port):
            relay.names.resolve(host, port: port, supervisor: relay.supervisor) { [self] result in
                locked { [self] in
                    switch result {
                    case .success(let addresses): tryNext(of: addresses[...], after: nil)
                    case .failure(let failure): finish(.failure(failure))
                    }
                }
            }
        }
    }

    func cancel() {
        completion = nil
        socket?.end(.reset)
        socket = nil
    }

    private func tryNext(of addresses: ArraySlice<NumericAddress>, after last: ConnectFailure?) {
        guard completion != nil else { return }
        rest = addresses
        var failure = last ?? ConnectFailure(code: .resolve, reason: "the name has no address")
        while let address = rest.popFirst() {
            do throws(ConnectFailure) {
                socket = try connect(to: address)
                // Of a local socket it is done already.
                return changed()
            } catch {
                failure = error
            }
        }
        finish(.failure(failure))
    }

    private func connect(to address: NumericAddress) throws(ConnectFailure) -> RelaySocket {
        let socket: RelaySocket
        do throws(ListeningDescriptor.Failure) {
            let descriptor = try ListeningDescriptor.new(address.family)
            socket = RelaySocket(descriptor, isLocal: address.family == AF_UNIX, relay: relay)
        } catch {
            throw ConnectFailure(error)
        }
        let number = socket.connect(to: address)
        guard number == 0 else {
            socket.end(.reset)
            throw ConnectFailure(errno: number, of: .connect)
        }
        socket.onChange = { [unowned self] in changed() }
        do throws(ZMQSocketError) {
            try socket.start(locked)
        } catch {
            socket.end(.reset)
            throw ConnectFailure(error)
        }
        return socket
    }

    private func changed() {
        guard let socket, let number = socket.connected() else { return }
        self.socket = nil
        socket.onChange = nil
        guard number != 0 else { return finish(.success(socket)) }
        socket.end(.reset)
        tryNext(of: rest, after: ConnectFailure(errno: number, of: .connect))
    }

    private func finish(_ result: Result<RelaySocket, ConnectFailure>) {
        guard let completion else {
            if case .success(let socket) = result { socket.end(.reset) }
            return
        }
        self.completion = nil
        completion(result)
    }
}
