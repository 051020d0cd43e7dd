// SPDX-License-Identifier: Apache-2.0

import LibC

// What the state machines of the links decide is done here.
extension SocketCore {
    /// Gives an input to a link's machine and does what it answers.
    ///
    /// - Parameter later: what has become of the descriptor of a connection that has ended.
    func process(_ link: Link, _ input: ConnectInput, later: MessageSources.LaterUse = .none) {
        for action in connecting.handle(input, for: link, now: .now()) { perform(action, for: link, later: later) }
        schedule(link)
    }

    private func schedule(_ link: Link) {
        let due = isClosed ? nil : link.nextTimer
        guard due != link.timer?.at else { return }
        if let timer = link.timer { context.supervisor.cancel(timer.token) }
        link.timer = due.map { instant in
            let token = context.supervisor.schedule(at: instant) { [self] in
                locked {
                    link.timer = nil
                    process(link, .timer)
                }
            }
            return (token, instant)
        }
    }

    private func perform(_ action: ConnectAction, for link: Link, later: MessageSources.LaterUse) {
        switch action {
        case .resolve: resolve(link)
        case .connect(let address, let end): connect(link, to: address, until: end)
        case .disconnect(let address): disconnect(link, from: address)
        case .leave(let address):
            disconnect(link, from: address, linger: 0)
            part(link, all: true)
        case .probe(let address, let end): probe(link, address, until: end)
        case .cancelProbe: link.cancelProbe()
        case .report(let event): report(event, of: link)
        case .established:
            if link.establish(messagesSent: slot.pointee.messagesSent) { journal.countReconnect() }
            if let descriptor = link.descriptor { watchLiveness(of: descriptor) }
            waiters.wakeAll(.state)
        case .moved:
            if let former = link.move() { _ = liveness.closed(former) }
            if let descriptor = link.descriptor { watchLiveness(of: descriptor) }
        case .lost:
            let descriptor = link.end(isLost: true)
            if let descriptor {
                link.wasSilent = liveness.closed(descriptor)
                link.note(identity: role.router?.identity(ofEnded: descriptor, later: later))
            }
            peerWasLost(descriptor: descriptor, isOutgoing: true, later: later)
            if let address = link.currentAddress { link.portHold = context.portGuards.hold(portOf: address) }
            part(link, all: false)
        case .ended:
            let descriptor = link.end(isLost: false)
            if let descriptor { _ = liveness.closed(descriptor) }
            peerIsGone(descriptor: descriptor, isOutgoing: true, later: later)
        case .finish(let failure):
            link.finish(failure)
            waiters.wakeAll(.state)
        }
    }

    private func report(_ event: ZMQEvent, of link: Link) {
        if event.kind == .queueDropped {
            guard kind.lingers, link.mayHaveQueue(messagesSent: slot.pointee.messagesSent) else { return }
        }
        var event = event
        event.endpoint = link.endpoint.text.string
        if event.kind == .handshaken { event.count = peerCount }
        if event.kind == .handshaken || event.kind == .lost { event.name(link.peer) }
        if event.kind == .lost, link.wasSilent { event.message = Self.silentHost }
        report(event)
    }

    // MARK: Actions

    private func connect(_ link: Link, to address: NumericAddress, until end: MonotonicInstant) {
        guard let socket = unsafe socket else { return }
        if let other = connecting.link(at: address.endpoint, besides: link) {
            // Two names, one address: libzmq would ignore the second connect, or double the messages' paths.
            connecting.merge(link, into: other, now: .now())
            return waiters.wakeAll(.state)
        }
        // Its own events could not be told from those of the peers it accepts.
        guard !bound.has(address) else { return process(link, .connectRejected(.isOwnAddress)) }
        // libzmq would connect, and throw away what is sent there.
        guard !kind.hasOnePeer || connecting.queues(besides: link) + bound.peers == 0 else {
            return process(link, .connectRejected(.noPlace))
        }
        link.portHold = context.portGuards.hold(portOf: address)
        unsafe link.setSecured(ZMQ.security(of: socket).mechanism != "NULL")
        var status: Int32 = 0
        if address.family != AF_UNIX { status = unsafe ZMQ.setIPv6(of: socket, to: address.family == AF_INET6) }
        // libzmq copies its limits when it is told to connect.
        if status == 0 {
            status = unsafe ZMQ.setAttemptLimit(of: socket, milliseconds: Self.limit(ofAttemptUntil: end))
        }
        if status == 0 {
            status = unsafe ZMQ.connect(socket, address.endpoint.string)
            // It works through the socket's commands, whatever it answers.
            pump()
        }
        if status != 0 { process(link, .connectRejected(ConnectFailure(zmqErrno: status))) }
    }

    /// How much later than an attempt libzmq's limits end, in milliseconds.
    private static let attemptMargin: Int64 = 1_000

    /// libzmq's own limit lies behind the end of an attempt, so that it is the attempt's end that decides.
    private static func limit(ofAttemptUntil end: MonotonicInstant) -> Int32 {
        let remaining = end.nanoseconds(since: .now()) / nanosecondsPerMillisecond
        return max(ZMQSocketOptions.handshakeLimit, Int32(clamping: remaining + attemptMargin))
    }

    /// - Parameter linger: how long libzmq goes on with what is queued, where that is not the usual.
    private func disconnect(_ link: Link, from address: NumericAddress, linger: Int32? = nil) {
        guard let socket = unsafe socket else { return }
        if !connecting.contains(link) { releaseLater(link) }
        // libzmq goes on trying to send what is queued for the linger. For an attempt that failed there is nothing
        // queued, and its connection must not live on beside the next one's.
        // A request whose server is lost is not to be executed when nobody waits for it any more; its answer, if it has
        // come, is kept, as is all that came over a link that is to be made again: libzmq would drop it.
        let isKept = link.hasBeenEstablished && kind.canReceive && connecting.contains(link)
        if kind == .req || isKept { holdArrivedMessages() }
        setLinger(linger ?? (link.hasBeenEstablished && kind != .req ? usualLinger : 0))
        _ = unsafe ZMQ.disconnect(socket, address.endpoint.string)
        setLinger(usualLinger)
        noteSilentEnds()
        followUp()
    }

    /// libzmq may make an attempt more before it has gone through the end of what was taken back.
    private func releaseLater(_ link: Link) {
        guard let hold = link.portHold else { return }
        let end = MonotonicInstant.now().advanced(byNanoseconds: CommandWatch.limit)
        _ = context.supervisor.schedule(at: end) { withExtendedLifetime(hold) {} }
        link.portHold = nil
    }

    /// Gives those links of their own again that `link` stands for, and may not be at the same address any more. Where
    /// they are, they become one with it again.
    private func part(_ link: Link, all: Bool) {
        for endpoint in link.release(all: all) { connectInBackground(endpoint) }
    }

    private func resolve(_ link: Link) {
        // An answer that is still to come is as good as another.
        guard case .tcp(let host, let port) = link.endpoint.target, !link.isResolving else { return }
        link.isResolving = true
        context.nameService.resolve(host.string, port: port, supervisor: context.supervisor) { [self] result in
            locked {
                link.isResolving = false
                switch result {
                case .success(let addresses): process(link, .resolved(addresses))
                case .failure(let failure): process(link, .resolutionFailed(failure))
                }
            }
        }
    }

    private func probe(_ link: Link, _ address: NumericAddress, until end: MonotonicInstant) {
        link.renewProbe { number in
            unsafe Probe(
                of: address,
                as: kind,
                security: socket.map { unsafe ZMQ.security(of: $0) } ?? (mechanism: "NULL", isServer: false),
                until: end,
                supervisor: context.supervisor
            ) { [self] verdict in
                locked { if link.probeHasAnswered(number) { process(link, .probed(verdict)) } }
            }
        }
    }
}
