// SPDX-License-Identifier: Apache-2.0

package import ExperimanceZMQ
import LibC

/// A relay between a listening and a target endpoint, in which faults are put.
///
/// Whatever it knows is behind the relay's lock; its calls may come from any thread.
package final class FaultProxyCore: RelayMember, @unchecked Sendable {
    // Unchecked: see above.
    let seed: UInt64
    let target: ProxyTarget
    private let epoch = ForkGuard.epoch
    /// nil before it has begun, and once it is closed.
    private var relay: Relay?
    private var wasClosed = false
    private var listener: ProxyListener?
    private var lastEndpoint = ""
    private var book: FaultBook
    private var statistics: FaultStatistics
    private var connections: [UInt64: RelayedConnection] = [:]
    private var waits = CountWaits<FaultGoal>()
    /// It should listen and can not.
    private var resumption: ZMQBackoff<SplitMix64>?

    /// As many are accepted before others have their turn.
    private static let mostAtOnce = 64
    /// Without a descriptor it is not tried again at once, in nanoseconds.
    private static let patience: Int64 = 50 * nanosecondsPerMillisecond

    // MARK: Its beginning

    /// Makes what a process has once, as a part of that.
    package static func prepare() {
        RelayDescriptors.prepare()
        Relay.prepare()
    }

    /// Starts a proxy.
    ///
    /// - Parameters:
    ///   - listen: where; with a wildcard for the port, the system chooses.
    ///   - target: where the connections go.
    ///   - seed: what all draws are made from; nil draws it from the system.
    ///   - names: how names are looked up, if this is the first proxy.
    package init(
        from listen: String,
        to target: String,
        seed: UInt64?,
        names: @autoclosure () -> NameService = NameService()
    ) throws(ZMQSocketError) {
        var system = SystemRandomNumberGenerator()
        let drawn = seed ?? system.next(upperBound: .max) + 1
        let place = try Endpoint(listen, for: .bind)
        self.seed = drawn
        self.target = try ProxyTarget(Endpoint(target, for: .connect))
        book = FaultBook(seed: drawn)
        statistics = FaultStatistics(seed: drawn)
        let relay = try Relay.join(self, names: names())
        do throws(ZMQSocketError) {
            try begin(at: place, relay)
        } catch {
            Relay.leave(self)
            throw error
        }
    }

    private func begin(at place: Endpoint, _ relay: Relay) throws(ZMQSocketError) {
        let made: ProxyListener
        do throws(ConnectFailure) {
            made = try Self.listener(at: place, relay)
        } catch {
            throw ZMQSocketError(
                error.code,
                endpoint: place.text.string,
                systemErrno: error.systemErrno,
                message: "can not listen at \(place.text): \(error.reason)"
            )
        }
        try locked { () throws(ZMQSocketError) in
            do throws(ZMQSocketError) {
                guard !isTarget(made.endpoint) else {
                    throw ZMQSocketError(.invalid, endpoint: made.endpoint, message: "the proxy is its own target")
                }
                // By a shutdown of everything.
                guard !wasClosed else { throw ZMQSocketError(.closed) }
                try made.start { [self] in locked { accept() } }
            } catch {
                made.end()
                throw error
            }
            self.relay = relay
            listener = made
            lastEndpoint = made.endpoint
        }
    }

    private static func listener(at place: Endpoint, _ relay: Relay) throws(ConnectFailure) -> ProxyListener {
        switch place.target {
        case .ipc(let path): return try ProxyListener(path: path.string, relay: relay)
        case .inproc: throw ConnectFailure(code: .notSupported, reason: "a fault proxy relays tcp and ipc")
        case .tcp(let host, let port):
            let known: [NumericAddress]?
            do throws(ListeningDescriptor.Failure) {
                known = try ListeningDescriptor.addresses(of: host.string, port: port)
            } catch {
                throw ConnectFailure(error)
            }
            if let known { return try ProxyListener(at: known, relay: relay) }
            return try ProxyListener(at: relay.addresses(of: host.string, port), relay: relay)
        }
    }

    private func isTarget(_ endpoint: String) -> Bool {
        guard case .addresses(let addresses) = target else { return false }
        return addresses.contains { $0.endpoint == ExactText(endpoint) }
    }

    // MARK: The lock

    /// Runs what looks at the proxy or at its connections, or changes them.
    func locked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        var completions: [Completion] = []
        // Who has waited is told without the lock.
        defer { for completion in completions { completion.complete() } }
        return try Relay.locked { () throws(Failure) in
            defer { completions = waits.takeOver() }
            return try body()
        }
    }

    /// The same for a caller.
    private func use<Result>(_ body: (Relay) throws(ZMQSocketError) -> Result) throws(ZMQSocketError) -> Result {
        guard epoch == ForkGuard.epoch else { throw ZMQSocketError(.forked) }
        return try locked { () throws(ZMQSocketError) in
            guard let relay else { throw ZMQSocketError(.closed, message: "the fault proxy is closed") }
            return try body(relay)
        }
    }

    // MARK: For callers

    package func endpoint() throws(ZMQSocketError) -> String {
        try use { _ in lastEndpoint }
    }

    package func stats() throws(ZMQSocketError) -> FaultStatistics {
        try use { _ in
            var statistics = statistics
            statistics.faults = book.count
            return statistics
        }
    }

    package func add(_ fault: Fault) throws(ZMQSocketError) -> UInt32 {
        try use { _ throws(ZMQSocketError) in
            guard Memory.isThere(connections.values.reduce(0) { $0 + $1.memory(for: fault) }) else {
                throw ZMQSocketError(.noMemory, message: "there is no memory for another fault in all connections")
            }
            let wasDown = book.isDown
            let id = try book.add(fault, after: statistics.connections)
            if fault.isOfProxy {
                noteStrike(of: id)
                endConnections()
                if !wasDown { listener?.pause() }
            }
            for connection in connections.values where book.strikes(id, on: connection.number) {
                connection.begin(id, fault)
            }
            return id
        }
    }

    package func remove(_ id: UInt32) throws(ZMQSocketError) {
        try use { _ throws(ZMQSocketError) in
            guard let fault = try book.remove(id) else { return }
            checkWaits()
            for connection in connections.values { connection.lift(id) }
            guard fault.isOfProxy, !book.isDown else { return }
            resumption = ZMQBackoff(policy: ZMQRetryPolicy())
            try resume()
        }
    }

    package func drop() throws(ZMQSocketError) {
        try use { _ in endConnections() }
    }

    package var isClosed: Bool { epoch == ForkGuard.epoch && locked { relay == nil } }

    package func close() {
        guard epoch == ForkGuard.epoch else { return }
        locked {
            wasClosed = true
            endConnections()
            listener?.end()
            listener = nil
            resumption = nil
            relay = nil
            waits.fail(ZMQSocketError(.closed, message: "the fault proxy has been closed"))
        }
        Relay.leave(self)
    }
}

// MARK: - What its connections tell

extension FaultProxyCore {
    func noteStrike(of id: UInt32) {
        statistics.struck += 1
        book.noteStrike(of: id)
        checkWaits()
    }

    func notePassed(_ bytes: UInt64, _ way: Way) {
        guard bytes > 0 else { return }
        switch way {
        case .toTarget: statistics.bytesToTarget += bytes
        case .toClient: statistics.bytesToClient += bytes
        }
        checkWaits()
    }

    func noteFailure(_ failure: ConnectFailure) {
        statistics.failed += 1
        statistics.lastFailure = ZMQSocketError(
            failure.code,
            systemErrno: failure.systemErrno,
            message: failure.reason
        )
        checkWaits()
    }

    func noteEnd(of connection: RelayedConnection) {
        connections[connection.number] = nil
        statistics.ended += 1
        checkWaits()
    }

    private func endConnections() {
        for connection in connections.values { connection.end(.reset) }
    }
}

// MARK: - On the relay's thread

extension FaultProxyCore {
    private func accept() {
        guard let relay, let listener, !book.isDown, resumption == nil else { return }
        for _ in 0..<Self.mostAtOnce {
            let accepted = listener.accept()
            switch accepted {
            case 0...: begin(accepted, listener, relay)
            case -EAGAIN, -EINVAL: return
            case -EINTR, -ECONNABORTED: break
            default:
                // Nobody says when there are descriptors or memory again.
                let next = MonotonicInstant.now().advanced(byNanoseconds: Self.patience)
                return _ = relay.supervisor.schedule(at: next) { [self] in locked { accept() } }
            }
        }
        relay.supervisor.perform { [self] in locked { accept() } }
    }

    private func begin(_ descriptor: Int32, _ listener: ProxyListener, _ relay: Relay) {
        let socket = RelaySocket(descriptor, isLocal: listener.isLocal, relay: relay)
        statistics.connections += 1
        let number = statistics.connections
        guard let connection = RelayedConnection(number, socket, of: self, relay: relay, faults: book.count)
        else {
            socket.end(.reset)
            statistics.ended += 1
            return noteFailure(ConnectFailure(errno: ENOMEM, of: .socket))
        }
        connections[number] = connection
        checkWaits()
        connection.start(book.strikes(on: number))
    }

    /// Listens again.
    ///
    /// - Throws: why that is not possible now; it is tried again until it is.
    private func resume() throws(ZMQSocketError) {
        guard let relay, let listener, resumption != nil, !book.isDown else { return }
        do throws(ConnectFailure) {
            try listener.resume { [self] in locked { accept() } }
            resumption = nil
        } catch {
            let pause = resumption?.nextNanoseconds() ?? Self.patience
            let next = MonotonicInstant.now().advanced(byNanoseconds: pause)
            _ = relay.supervisor.schedule(at: next) { [self] in locked { try? resume() } }
            throw ZMQSocketError(
                error.code,
                endpoint: lastEndpoint,
                systemErrno: error.systemErrno,
                message: "can not listen again at \(lastEndpoint): \(error.reason)"
            )
        }
    }
}

// MARK: - Waiting

extension FaultProxyCore {
    /// Blocks until that has come to be so often. Handlers of signals run meanwhile where an interpreter has them.
    package func wait(for goal: FaultGoal, atLeast: UInt64, until deadline: Deadline) throws(ZMQSocketError) {
        let wait = CountWait(for: goal, atLeast: atLeast)
        try begin(wait)
        try finish(wait, wait.sleep(until: deadline))
    }

    /// The same for the current task.
    package nonisolated(nonsending) func wait(
        for goal: FaultGoal,
        atLeast: UInt64,
        until deadline: Deadline
    ) async throws(ZMQSocketError) {
        let wait = CountWait(for: goal, atLeast: atLeast)
        try begin(wait)
        try await finish(wait, wait.sleepInTask(until: deadline))
    }

    private func begin(_ wait: CountWait<FaultGoal>) throws(ZMQSocketError) {
        try use { _ in
            waits.begin(wait)
            checkWaits()
        }
    }

    /// - Parameter code: why the wait has ended, if it was not over.
    private func finish(_ wait: CountWait<FaultGoal>, _ code: ZMQSocketError.Code?) throws(ZMQSocketError) {
        if let failure = locked({ waits.finish(wait, code) }) { throw failure }
    }

    private func checkWaits() {
        guard !waits.isEmpty else { return }
        waits.check { goal throws(ZMQSocketError) in
            switch goal {
            case .count(let count): statistics[count]
            case .strikes(let id): try book.strikes(of: id)
            }
        }
    }
}
