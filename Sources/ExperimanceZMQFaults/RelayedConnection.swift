// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// One connection through a proxy: the client's socket, the target's, and what goes both ways between them.
///
/// Everything is done with the relay's lock held, on the relay's thread or on that of who adds or removes a fault.
final class RelayedConnection: @unchecked Sendable {
    // Unchecked: see above.
    private enum Stage {
        /// A blackhole has it, and the target does not know.
        case swallowed
        case connecting(TargetSearch)
        case relaying(target: RelaySocket)
        /// The client's first bytes get the answer of a web server.
        case answering(UInt32)
        case over
    }

    /// A fault at work here.
    private struct Strike {
        let id: UInt32
        let fault: Fault
        /// For an end that comes with time.
        var alarm: Supervisor.Token?
    }

    private struct Alarm {
        let token: Supervisor.Token
        let at: MonotonicInstant
    }

    /// What a new one needs beside its bytes, with all its faults, while arrays grow to twice their size.
    private static func memory(faults: Int) -> Int { 32 << 10 + faults * 1_024 }

    /// The most that a fault takes beside the arrays that it stands in.
    private static let memoryOfFault = 1_024

    let number: UInt64
    private let proxy: FaultProxyCore
    private let relay: Relay
    private let client: RelaySocket
    private let toTarget: Lane
    private let toClient: Lane
    private var stage = Stage.swallowed
    private var strikes: [Strike] = []
    /// The faults that have been counted: each counts once.
    private var counted: Set<UInt32> = []
    private var alarms: [Way: Alarm] = [:]

    /// - Parameter faults: how many may strike it.
    /// - Returns: nil without memory; then the socket is the caller's to end.
    init?(_ number: UInt64, _ client: RelaySocket, of proxy: FaultProxyCore, relay: Relay, faults: Int) {
        let seed = proxy.seed
        guard Memory.isThere(Self.memory(faults: faults)),
            let toTarget = Flow(draw: { Draw(seed, $0, number, .toTarget) }),
            let toClient = Flow(draw: { Draw(seed, $0, number, .toClient) })
        else { return nil }
        self.number = number
        self.client = client
        self.proxy = proxy
        self.relay = relay
        self.toTarget = Lane(toTarget)
        self.toClient = Lane(toClient)
    }

    private var isOver: Bool { if case .over = stage { true } else { false } }

    /// What may be called at any time, and does something as long as the connection is not over.
    private func later(_ body: @escaping @Sendable (RelayedConnection) -> Void) -> @Sendable () -> Void {
        { [self] in proxy.locked { if !isOver { body(self) } } }
    }

    // MARK: Faults

    /// Begins, with the faults that strike it from the start.
    func start(_ faults: [(id: UInt32, fault: Fault)]) {
        let isSwallowed = faults.contains { $0.fault.effect == .blackhole }
        for (id, fault) in faults {
            if fault.effect == .http, !isSwallowed {
                stage = .answering(id)
                break
            }
            begin(id, fault)
            guard !isOver else { return }
        }
        client.onChange = { [unowned self] in clientChanged() }
        do throws(ZMQSocketError) {
            try client.start { [proxy] body in proxy.locked(body) }
        } catch {
            return fail(ConnectFailure(error))
        }
        goOn()
    }

    /// What another fault takes now.
    func memory(for fault: Fault) -> Int {
        // The set is three quarters full at the most, and has a power of two of places.
        let growth = strikes.count < counted.capacity ? 0 : 4 * (strikes.count + 1) * MemoryLayout<UInt32>.stride
        return Self.memoryOfFault + strikes.bytesToGrow + growth + toTarget.flow.bytesToGrow(for: fault.effect)
            + toClient.flow.bytesToGrow(for: fault.effect)
    }

    /// A fault strikes from now on.
    func begin(_ id: UInt32, _ fault: Fault) {
        counted.reserveCapacity(strikes.count + 1)
        let now = MonotonicInstant.now()
        if fault.direction.includes(.toTarget) { toTarget.flow.begin(fault.effect, id, at: now) }
        if fault.direction.includes(.toClient) { toClient.flow.begin(fault.effect, id, at: now) }
        var strike = Strike(id: id, fault: fault)
        switch fault.effect {
        // Only a new connection is answered.
        case .http: return
        case .blackhole: count(id)
        case .reset(let limit): strike.alarm = limited(.reset, limit, by: id, from: now)
        case .close(let limit): strike.alarm = limited(.close, limit, by: id, from: now)
        default: break
        }
        guard !isOver else { return }
        strikes.append(strike)
        move()
    }

    /// Ends the connection, if that is to be now.
    ///
    /// - Returns: the alarm, if it is to be later.
    private func limited(
        _ ending: Ending,
        _ limit: Fault.Limit,
        by id: UInt32,
        from now: MonotonicInstant
    ) -> Supervisor.Token? {
        guard let time = limit.time else {
            if limit.bytes == nil { end(ending, by: id) }
            return nil
        }
        let at = now.advanced(byNanoseconds: time.clampedNanoseconds)
        return relay.supervisor.schedule(at: at, alarm: later { $0.end(ending, by: id) })
    }

    /// A fault is gone.
    func lift(_ id: UInt32) {
        guard let index = strikes.firstIndex(where: { $0.id == id }) else { return }
        if let alarm = strikes.remove(at: index).alarm { relay.supervisor.cancel(alarm) }
        toTarget.flow.end(id)
        toClient.flow.end(id)
        goOn()
    }

    private func count(_ id: UInt32) {
        if counted.insert(id).inserted { proxy.noteStrike(of: id) }
    }

    // MARK: Its course

    private func goOn() {
        let isSwallowed = strikes.contains { $0.fault.effect == .blackhole }
        guard case .swallowed = stage, !isSwallowed else { return move() }
        let search = TargetSearch(relay, { [proxy] body in proxy.locked(body) }) { [self] result in
            switch result {
            case .success(let target): targetAnswered(target)
            case .failure(let failure): fail(failure)
            }
        }
        stage = .connecting(search)
        search.begin(proxy.target)
    }

    private func targetAnswered(_ target: RelaySocket) {
        stage = .relaying(target: target)
        target.onChange = { [unowned self] in move() }
        move()
    }

    private func clientChanged() {
        switch stage {
        case .relaying: move()
        case .answering(let id): answer(id)
        // Who has left before the target heard of it is forgotten.
        case .swallowed: if client.isGone { end(.close) }
        case .connecting, .over: break
        }
    }

    /// As a web server does with a request that it can not make out.
    private func answer(_ id: UInt32) {
        var byte: UInt8 = 0
        let count = unsafe withUnsafeMutableBytes(of: &byte) { unsafe client.read(into: $0) }
        guard count > 0 else { return client.isGone ? end(.close) : () }
        let head = "HTTP/1.1 400 Bad Request\r\nServer: fault-proxy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        let bytes = Array(head.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe client.write($0) }
        end(.close, by: id)
    }

    /// Passes on what can be passed on now, both ways.
    private func move() {
        move(.toTarget)
        move(.toClient)
    }

    private func move(_ way: Way) {
        guard case .relaying(let target) = stage else { return }
        let lane = way == .toTarget ? toTarget : toClient
        let before = lane.flow.sent
        let outcome = way == .toTarget ? lane.move(from: client, to: target) : lane.move(from: target, to: client)
        for id in lane.flow.takeStruck() { count(id) }
        proxy.notePassed(lane.flow.sent - before, way)
        switch outcome {
        case .rests: break
        case .waits(let instant): wake(way, at: instant)
        case .goesOn: relay.supervisor.perform(later { $0.move(way) })
        case .finished: if toTarget.flow.isFinished && toClient.flow.isFinished { end(.close) }
        case .ends(let ending): end(ending)
        case .sourceGone: end(.reset)
        case .sinkGone:
            // Its news goes the other way.
            (way == .toTarget ? toClient : toTarget).loseSource()
            move(way == .toTarget ? .toClient : .toTarget)
        }
    }

    private func wake(_ way: Way, at instant: MonotonicInstant) {
        if let alarm = alarms[way] {
            guard instant < alarm.at else { return }
            relay.supervisor.cancel(alarm.token)
        }
        let token = relay.supervisor.schedule(
            at: instant,
            alarm: later {
                $0.alarms[way] = nil
                $0.move(way)
            }
        )
        alarms[way] = Alarm(token: token, at: instant)
    }

    // MARK: Its end

    private func fail(_ failure: ConnectFailure) {
        proxy.noteFailure(failure)
        end(.reset)
    }

    private func end(_ ending: Ending, by id: UInt32) {
        count(id)
        end(ending)
    }

    func end(_ ending: Ending) {
        guard !isOver else { return }
        switch stage {
        case .connecting(let search): search.cancel()
        case .relaying(let target): target.end(ending)
        default: break
        }
        stage = .over
        client.end(ending)
        for alarm in alarms.values { relay.supervisor.cancel(alarm.token) }
        for alarm in strikes.compactMap(\.alarm) { relay.supervisor.cancel(alarm) }
        alarms = [:]
        strikes = []
        proxy.noteEnd(of: self)
    }
}
