// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    // MARK: The connecting side

    func attachInproc(_ link: Link) {
        guard let name = link.inprocName else { return }
        guard !kind.hasOnePeer || connecting.queues(besides: link) + bound.peers == 0 else {
            link.finish(.noPlace)
            return waiters.wakeAll(.state)
        }
        report(ZMQEvent(.connecting, endpoint: link.endpoint.text.string, attempt: 1))
        let server = context.inprocNames.withLock { names in
            names.connect(name, id)
            return names.server(of: name)
        }
        if let server { connectInproc(link, to: server) }
    }

    private func connectInproc(_ link: Link, to server: InprocDirectory.Server) {
        guard let socket = unsafe socket, link.inprocServer == nil, let name = link.inprocName else { return }
        // The name stays bound while the directory is locked. libzmq keeps a connect to a name that nobody is bound to,
        // and when that has been taken back, the next bind can make it abort.
        let guest = InprocGuest(socket: id, identity: options.identity ?? [])
        let target = link.endpoint.target
        let isConnected = context.inprocNames.withLock { names in
            guard names.server(of: name) == server, unsafe ZMQ.connect(socket, link.endpoint.text.string) == 0 else {
                return false
            }
            // The other side hears of its peers in the order in which libzmq has them.
            tell(server.socket) { $0.inprocGuestCame(guest, at: target, server.number) }
            return true
        }
        // Whoever binds to the name next tells this side.
        guard isConnected else { return }
        if link.connect(to: server) { journal.countReconnect() }
        pump()
        report(ZMQEvent(.handshaken, endpoint: link.endpoint.text.string, attempt: 1, count: peerCount))
        waiters.wakeAll(.state)
    }

    func detachInproc(_ link: Link) {
        guard let name = link.inprocName else { return }
        context.inprocNames.withLock { $0.disconnect(name, id) }
        guard let server = link.leaveServer(isLost: false) else { return }
        if let socket = unsafe socket { _ = unsafe ZMQ.disconnect(socket, link.endpoint.text.string) }
        peerIsGone(descriptor: nil, isOutgoing: true)
        followUp()
        let (guest, target) = (id, link.endpoint.target)
        tell(server.socket) { $0.inprocGuestLeft(guest, at: target, server.number) }
    }

    /// libzmq ignores this side. The link is made again: after the usual delay, or when the other side says so.
    private func inprocLinkRefused(by server: InprocDirectory.Server, _ failure: ConnectFailure, comesAgain: Bool) {
        for link in connecting.all where link.inprocServer == server {
            let message = failure.reason
            detachInproc(link)
            link.noteInprocLoss()
            if let name = link.inprocName { context.inprocNames.withLock { $0.connect(name, id) } }
            report(ZMQEvent(.lost, endpoint: link.endpoint.text.string, code: .peerLost, message: message))
            journal.countLostLink()
            guard comesAgain else { continue }
            let delay = Int64(options.reconnectDelays().interval) * nanosecondsPerMillisecond
            _ = context.supervisor.schedule(at: MonotonicInstant.now().advanced(byNanoseconds: delay)) { [weak self] in
                self?.locked {
                    guard let self, self.connecting.contains(link) else { return }
                    self.connectInproc(link, to: server)
                }
            }
        }
    }

    private func inprocLinkLost(_ link: Link, isClosed: Bool) {
        _ = link.leaveServer(isLost: true)
        // Of a closed socket libzmq ends the connection when all that came through it has been received; a REQ or REP
        // looks for that in its turn only. That of an unbound one has to be ended, and what came through it would go
        // with it.
        if !isClosed || kind.takesTurns {
            if kind.canReceive { holdArrivedMessages() }
            if let socket = unsafe socket { _ = unsafe ZMQ.disconnect(socket, link.endpoint.text.string) }
        }
        report(
            ZMQEvent(
                .lost,
                endpoint: link.endpoint.text.string,
                code: .peerLost,
                message: "the socket bound there is gone"
            )
        )
        peerWasLost(descriptor: nil, isOutgoing: true)
        // The bound side can not go before this side has worked through what it says.
        followUp()
    }

    // MARK: The bound side

    func announceInproc(_ name: ExactText) {
        let (server, clients) = context.inprocNames.withLock { names in
            (names.bind(name, id), names.clients(of: name))
        }
        bound.openInproc(server.number)
        for client in clients {
            tell(client) { core in
                for link in core.connecting.links(to: .inproc(name: name)) { core.connectInproc(link, to: server) }
            }
        }
    }

    /// - Parameter unbind: lets libzmq know, while nobody can connect to the name.
    /// - Returns: what that answered.
    @discardableResult
    func withdrawInproc(_ name: ExactText, isClosing: Bool, _ unbind: () -> Int32 = { 0 }) -> Int32 {
        if name.string == ZAPSocket.name { context.programHandler.goes() }
        let (status, server, clients) = context.inprocNames.withLock { names in
            let status = unbind()
            return (status, status == 0 ? names.unbind(name) : nil, names.clients(of: name))
        }
        guard let server else { return status }
        bound.closeInproc(server.number)
        for client in clients {
            tell(client) { core in
                for link in core.connecting.all where link.inprocServer == server {
                    core.inprocLinkLost(link, isClosed: isClosing)
                }
            }
        }
        return status
    }

    private func inprocGuestCame(_ guest: InprocGuest, at target: Endpoint.Target, _ number: UInt64) {
        guard let endpoint = bound.endpoint(at: target) else { return }
        let server = InprocDirectory.Server(socket: id, number: number)
        if hasNoPlace {
            guests.refuse(guest)
            report(ZMQEvent(.peerRejected, .noPlace, endpoint: endpoint.actual.string))
            return tell(guest.socket) { $0.inprocLinkRefused(by: server, .noPlace, comesAgain: true) }
        }
        guard bound.changeInprocClients(of: number, by: 1) else { return }
        pump()
        let peer = known(identity: guest.identity)
        report(ZMQEvent(.handshaken, endpoint: endpoint.actual.string, count: peerCount), of: peer)
        waiters.wakeAll(.state)
        guard kind.knowsIdentities, let older = guests.come(guest) else { return }
        report(ZMQEvent(.peerRejected, .identityTaken, endpoint: endpoint.actual.string), of: peer)
        tell(older) { $0.inprocLinkRefused(by: server, .identityTaken, comesAgain: false) }
    }

    private func inprocGuestLeft(_ guest: UInt64, at target: Endpoint.Target, _ number: UInt64) {
        guard !guests.wasRefused(guest), let endpoint = bound.endpoint(at: target),
            bound.changeInprocClients(of: number, by: -1)
        else { return }
        let place = endpoint.actual.string
        report(
            ZMQEvent(.lost, endpoint: place, code: .peerLost, count: peerCount, message: Self.peerGone),
            of: known(identity: guests.identity(of: guest))
        )
        peerWasLost(descriptor: nil, isOutgoing: false)
        pump()
        let server = InprocDirectory.Server(socket: id, number: number)
        for older in guests.leave(guest) {
            tell(older) { core in
                for link in core.connecting.links(to: target) { core.connectInproc(link, to: server) }
            }
        }
    }

    /// A peer within the process, of which a ROUTER knows the identity.
    private func known(identity: [UInt8]?) -> KnownPeer? {
        guard kind == .router, let identity, !identity.isEmpty else { return nil }
        return KnownPeer(identity: identity)
    }

    /// Does something with another socket's core, later and under that socket's lock: two locks are never held at once.
    private func tell(_ other: UInt64, _ body: @escaping @Sendable (SocketCore) -> Void) {
        context.supervisor.perform {
            // A socket that has been closed meanwhile needs to know nothing.
            try? socketSlots.withCore(of: other) { core in body(core) }
        }
    }
}
