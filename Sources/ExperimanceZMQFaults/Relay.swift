// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC

/// A proxy, as the relay knows it.
protocol RelayMember: AnyObject, Sendable {
    func close()
}

/// What all proxies share: one thread, the look-up of names, and one lock for everything that they know.
///
/// It is made with the first proxy and ends with the last.
final class Relay: Sendable {
    let supervisor: Supervisor
    let names: NameService

    private init(names: NameService) throws(ZMQSocketError) {
        supervisor = try Supervisor(named: "faults")
        self.names = names
    }

    // MARK: Who is served

    private struct Members {
        var relay: Relay?
        var proxies: [ObjectIdentifier: any RelayMember] = [:]
    }

    /// Of everything that proxies and their connections know. A fork does not wait for it: the child gets another one,
    /// and leaves what the parent's says alone.
    // Unsafe: it is exchanged in a child of the process only, where there is one thread.
    private nonisolated(unsafe) static var lock: Guarded<Members> = {
        ForkGuard.inChild {
            _ = unsafe Unmanaged.passRetained(lock)
            unsafe lock = Guarded(Members())
        }
        EndsAtShutdown.add(EndsAtShutdown(end: { closeAll() }, owners: { owners }))
        return Guarded(Members())
    }()

    static func prepare() { _ = unsafe lock }

    /// Runs what looks at what proxies know, or changes it.
    static func locked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        try unsafe lock.withLock { _ throws(Failure) in try body() }
    }

    /// The relay there is, or a new one, with its thread.
    ///
    /// - Parameter names: how a new one looks names up.
    /// - Throws: `limit` out of descriptors or threads.
    static func join(_ proxy: some RelayMember, names: @autoclosure () -> NameService) throws(ZMQSocketError) -> Relay {
        let relay = try unsafe lock.withLock { members throws(ZMQSocketError) in
            let relay: Relay
            if let present = members.relay { relay = present } else { relay = try Relay(names: names()) }
            members.relay = relay
            members.proxies[ObjectIdentifier(proxy)] = proxy
            return relay
        }
        do throws(ZMQSocketError) {
            try relay.supervisor.start()
        } catch {
            leave(proxy)
            throw error
        }
        return relay
    }

    /// The last one ends the thread, and waits for it for a moment.
    static func leave(_ proxy: some RelayMember) {
        let unused = unsafe lock.withLock { members -> Relay? in
            let wasMember = members.proxies.removeValue(forKey: ObjectIdentifier(proxy)) != nil
            guard wasMember, members.proxies.isEmpty else { return nil }
            defer { members.relay = nil }
            return members.relay
        }
        unused?.end()
    }

    private func end() {
        supervisor.stop {}
        guard !OwnThread.isCurrent else { return }
        let deadline = Deadline(milliseconds: Self.patience, after: .now())
        _ = supervisor.awaitEnd(until: deadline)
        _ = names.awaitEnd(until: deadline)
    }

    /// The longest that the end of the thread is waited for, in milliseconds.
    private static let patience: Int32 = 60

    // MARK: Names

    /// The addresses of a name to listen at, IPv4 first, within a second.
    func addresses(of host: String, _ port: UInt16) throws(ConnectFailure) -> [NumericAddress] {
        let answer = Guarded<Result<[NumericAddress], ConnectFailure>?>(nil)
        let completion = Completion()
        names.resolve(host, port: port, supervisor: supervisor) { result in
            answer.withLock { $0 = result }
            completion.complete()
        }
        _ = completion.wait(until: Deadline(milliseconds: usualTimeout, after: .now()))
        guard let result = answer.withLock({ $0 }) else {
            throw ConnectFailure(code: .resolve, reason: "the name service has not answered for \"\(host)\"")
        }
        let addresses = try result.get()
        return addresses.filter { $0.family == AF_INET } + addresses.filter { $0.family != AF_INET }
    }

    // MARK: Shutdown

    private static func closeAll() {
        for proxy in unsafe lock.withLock({ Array($0.proxies.values) }) { proxy.close() }
    }

    private static var owners: Set<ObjectIdentifier> {
        let relay = unsafe lock.withLock { $0.relay }
        return Set(relay.map { [ObjectIdentifier($0.supervisor), ObjectIdentifier($0.names)] } ?? [])
    }
}
