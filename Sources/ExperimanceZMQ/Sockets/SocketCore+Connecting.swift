// SPDX-License-Identifier: Apache-2.0

import Glibc

// What the state machines of the links decide is done here.
extension SocketCore {
    // MARK: connect

    /// Connects and waits until the handshake is done; or starts to, with `inBackground`.
    func connect(_ text: String, inBackground: Bool, timeout: Int32) throws(ZMQSocketError) {
        let endpoint = try Endpoint(text, for: .connect)
        let start = MonotonicInstant.now()
        let until = deadline(timeout)
        while true {
            guard !boundEndpoints.contains(where: { $0.actual == endpoint.text || $0.target == endpoint.target }) else {
                throw ZMQSocketError(.invalid, endpoint: text, message: "the socket is bound to \(text) itself")
            }
            if inBackground { return connectInBackground(endpoint) }
            guard let link = link(to: endpoint.text) else {
                let link = begin(endpoint, inBackground: false, until: until)
                if try awaitOutcome(link, since: start, until: until) { return }
                continue
            }
            if link.isInterrupted {
                // Its caller has come back.
                link.isInterrupted = false
                link.machine.setDeadline(until)
                if try awaitOutcome(link, since: link.startedAt, until: until) { return }
                continue
            }
            // Another caller's link. It may go with that caller's patience; what is left of ours is our own to use.
            if try awaitEstablished(link, since: start, until: until) { return }
        }
    }

    private func connectInBackground(_ endpoint: Endpoint) {
        guard let link = link(to: endpoint.text) else {
            _ = begin(endpoint, inBackground: true, until: Deadline(.now()))
            return
        }
        link.isInterrupted = false
        keepInBackground(link)
    }

    private func keepInBackground(_ link: Link) {
        link.isWantedInBackground = true
        link.machine.goOnInBackground()
    }

    /// The link to an endpoint, up or on its way.
    private func link(to text: ExactText) -> Link? {
        links.first { link in
            if case .failed? = link.outcome, !link.isInterrupted { return false }
            return link.answers(to: text)
        }
    }

    private func begin(_ endpoint: Endpoint, inBackground: Bool, until deadline: Deadline) -> Link {
        let link = makeLink(endpoint, inBackground: inBackground, until: deadline)
        links.append(link)
        if link.isInproc { attachInproc(link) } else { process(link, .start) }
        return link
    }

    /// Waits for the end of a verified connect. Without success no link is left, unless a signal ended the wait or
    /// somebody wants it in the background.
    ///
    /// - Returns: false if the link that this one was merged into is gone with time left.
    private func awaitOutcome(
        _ link: Link,
        since start: MonotonicInstant,
        until: Deadline
    ) throws(ZMQSocketError) -> Bool {
        let code = wait(for: .state, until: until) {
            if link.isEstablished || link.outcome != nil || link.mergedInto != nil { return .ok }
            // Somebody disconnected the endpoint meanwhile.
            return links.contains { $0 === link } ? nil : .canceled
        }
        if code == .ok, let other = link.mergedInto {
            return try awaitEstablished(other, since: start, until: until)
        }
        let failure: ConnectFailure
        switch (code, link.outcome) {
        case (.ok, .failed(let reason)?):
            failure = reason
        case (.ok, _):
            return true
        case (.timeout, _):
            failure = link.isInproc ? Self.nobodyBound : link.machine.failureAtDeadline
        case (let other, _):
            failure = ConnectFailure(code: other, reason: other.explanation)
        }
        let error = connectError(link, failure, since: start)
        if code == .interrupted, !options.asksAfterSignals {
            link.isInterrupted = true
        } else if !isClosed, !link.isWantedInBackground {
            drop(link)
        }
        throw fail(error)
    }

    func fail(_ error: ZMQSocketError, timeout: Int32? = nil) -> ZMQSocketError {
        count(error.code, timeout: timeout)
        return error
    }

    private static let nobodyBound = ConnectFailure(code: .refused, reason: "no socket of this context is bound there")

    private func makeLink(_ endpoint: Endpoint, inBackground: Bool, until deadline: Deadline) -> Link {
        let address: NumericAddress? =
            switch endpoint.target {
            case .tcp(let host, let port): NumericAddress(host.string, port: port)
            case .ipc(let path): NumericAddress(localPath: path.string)
            case .inproc: nil
            }
        lastLinkNumber += 1
        mayHaveQueues = true
        return Link(
            number: lastLinkNumber,
            endpoint: endpoint,
            configuration: ConnectStateMachine.Configuration(
                mode: inBackground ? .background : .verified,
                policy: options.retry,
                deadline: inBackground ? nil : deadline,
                address: address,
                keepsPipe: kind != .req
            )
        )
    }

    /// Waits for the handshake of a link that is not the caller's own. False if the link is gone with time left.
    private func awaitEstablished(
        _ link: Link,
        since start: MonotonicInstant,
        until: Deadline
    ) throws(ZMQSocketError) -> Bool {
        var isGone = false
        let code = wait(for: .state, until: until) {
            if link.isEstablished { return .ok }
            isGone = !links.contains { $0 === link }
            return isGone ? .ok : nil
        }
        if code == .ok, !isGone || !until.hasPassed(at: .now()) { return !isGone }
        let failure =
            code == .ok || code == .timeout
            ? (link.isInproc ? Self.nobodyBound : link.machine.failureAtDeadline)
            : ConnectFailure(code: code, reason: code.explanation)
        throw fail(connectError(link, failure, since: start))
    }

    private func connectError(_ link: Link, _ failure: ConnectFailure, since start: MonotonicInstant) -> ZMQSocketError
    {
        let elapsed = Duration.nanoseconds(MonotonicInstant.now().nanoseconds(since: start))
        let attempts = max(1, link.machine.totalAttempts)
        return ZMQSocketError(
            failure.code,
            endpoint: link.endpoint.text.string,
            attempts: attempts,
            elapsed: elapsed,
            systemErrno: failure.systemErrno,
            message: "connect to \(link.endpoint.text) failed after \(attempts) "
                + "attempt\(attempts == 1 ? "" : "s") in \(elapsed.inWords): \(failure.reason)"
        )
    }

    // MARK: disconnect

    /// Ends the link to an endpoint. What is queued for it is still sent for the socket's linger.
    func disconnect(_ text: String) throws(ZMQSocketError) {
        let endpoint = try Endpoint(text, for: .connect)
        guard let link = links.first(where: { $0.answers(to: endpoint.text) }) else {
            throw ZMQSocketError(.state, endpoint: text, message: "the socket is not connected to \(text)")
        }
        drop(link)
        var event = SocketEvent(.closed)
        event.endpoint = text
        report(event)
    }

    private func drop(_ link: Link) {
        links.removeAll { $0 === link }
        if link.isInproc {
            detachInproc(link)
        } else {
            process(link, .stop)
        }
        waiters.wakeAll(.state)
    }

    // MARK: The machines

    /// Gives an input to a link's machine and does what it answers.
    func process(_ link: Link, _ input: ConnectStateMachine.Input) {
        for action in link.machine.handle(input, now: .now()) { perform(action, for: link) }
        schedule(link)
        noteAttempts()
    }

    func noteAttempts() {
        isAttempting = links.contains { $0.machine.isAttempting }
    }

    private func schedule(_ link: Link) {
        let due = isClosed ? nil : link.machine.nextTimer
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

    private func perform(_ action: ConnectStateMachine.Action, for link: Link) {
        switch action {
        case .resolve: resolve(link)
        case .connect(let address, let end): connect(link, to: address, until: end)
        case .disconnect(let address): disconnect(link, from: address)
        case .probe(let address, let end): probe(link, address, until: end)
        case .cancelProbe: cancelProbe(link)
        case .report(var event):
            event.endpoint = link.endpoint.text.string
            if event.kind == .connecting { statistics.connectAttempts &+= 1 }
            if event.kind == .handshaken { event.count = peerCount }
            if event.kind == .lost, link.wasSilent { event.message = Self.silentHost }
            report(event)
        case .established:
            if link.hasBeenLost { statistics.reconnects &+= 1 }
            link.descriptor = link.machine.currentDescriptor
            link.wasSilent = false
            if let descriptor = link.descriptor { watchLiveness(of: descriptor) }
            waiters.wakeAll(.state)
        case .moved:
            if let descriptor = link.descriptor { _ = liveness.closed(descriptor) }
            link.descriptor = link.machine.currentDescriptor
            if let descriptor = link.descriptor { watchLiveness(of: descriptor) }
        case .lost:
            link.hasBeenLost = true
            if let descriptor = link.descriptor { link.wasSilent = liveness.closed(descriptor) }
            peerWasLost(descriptor: link.descriptor, isOutgoing: true)
            link.descriptor = nil
        case .ended:
            if let descriptor = link.descriptor { _ = liveness.closed(descriptor) }
            peerIsGone(descriptor: link.descriptor, isOutgoing: true)
            link.descriptor = nil
        case .finish(let failure):
            link.outcome = failure.map { .failed($0) } ?? .connected
            waiters.wakeAll(.state)
        }
    }

    private func connect(_ link: Link, to address: NumericAddress, until end: MonotonicInstant) {
        guard let socket else { return }
        if let other = links.first(where: { $0 !== link && $0.machine.currentAddress == address }) {
            // Two names, one address: libzmq would ignore the second connect, or double the messages' paths.
            return merge(link, into: other)
        }
        // Its own events could not be told from those of the peers it accepts.
        let isOwn = boundEndpoints.contains { $0.actual == address.endpoint }
        guard !isOwn else { return process(link, .connectRejected(errno: EINVAL)) }
        link.machine.isSecured = mechanism != "NULL"
        var status: Int32 = 0
        if address.family != AF_UNIX {
            status = ZMQ.setIPv6(of: socket, to: address.family == AF_INET6)
        }
        // libzmq copies its limits when it is told to connect.
        if status == 0 { status = SocketOptions.setAttemptLimit(of: socket, until: end) }
        if status == 0 {
            status = ZMQ.connect(socket, address.endpoint.string)
            // It works through the socket's commands, whatever it answers.
            pump()
        }
        if status != 0 { process(link, .connectRejected(errno: status)) }
    }

    private func disconnect(_ link: Link, from address: NumericAddress) {
        guard let socket else { return }
        // libzmq goes on trying to send what is queued for the linger. For an attempt that failed there is nothing
        // queued, and its connection must not live on beside the next one's.
        // A request whose server is lost is not to be executed when nobody waits for it any more; its answer, if it has
        // come, is kept.
        if kind == .req { holdArrivedMessages() }
        setLinger(link.machine.hasBeenEstablished && kind != .req ? usualLinger : 0)
        _ = ZMQ.disconnect(socket, address.endpoint.string)
        setLinger(usualLinger)
        followUp()
    }

    /// Lets `other` stand for `link`, whose address it has.
    private func merge(_ link: Link, into other: Link) {
        other.aliases.formUnion(link.aliases.union([link.endpoint.text]))
        if link.isWantedInBackground { keepInBackground(other) }
        links.removeAll { $0 === link }
        cancelProbe(link)
        // Not performed: what it would take back is the other link's.
        _ = link.machine.handle(.stop, now: .now())
        link.mergedInto = other
        waiters.wakeAll(.state)
    }

    private func resolve(_ link: Link) {
        guard case .tcp(let host, let port) = link.endpoint.target else { return }
        context.nameService.resolve(host.string, port: port, supervisor: context.supervisor) { [self] result in
            locked {
                switch result {
                case .success(let addresses): process(link, .resolved(addresses))
                case .failure(let failure): process(link, .resolutionFailed(failure))
                }
            }
        }
    }

    private func probe(_ link: Link, _ address: NumericAddress, until end: MonotonicInstant) {
        cancelProbe(link)
        let number = link.probeNumber
        link.probe = Probe(
            of: address,
            as: kind,
            mechanism: mechanism,
            until: end,
            supervisor: context.supervisor
        ) { [self] verdict in
            locked {
                guard link.probeNumber == number else { return }
                link.probe = nil
                process(link, .probed(verdict))
            }
        }
    }

    /// The security mechanism the socket speaks, by the name it has in a greeting.
    private var mechanism: String {
        socket.map { ZMQ.mechanism(of: $0) } ?? "NULL"
    }

    func cancelProbe(_ link: Link) {
        link.probeNumber += 1
        link.probe?.cancel()
        link.probe = nil
    }
}
