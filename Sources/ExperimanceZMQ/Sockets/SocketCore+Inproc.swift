// SPDX-License-Identifier: Apache-2.0

/// The names bound within the process, per context, and who connects to them.
///
/// libzmq has no events for inproc. So the sockets of a context keep books themselves: a link is up while its name is
/// bound, and both sides learn of the other's coming and going through the supervisor.
struct InprocDirectory {
    /// Who is bound to a name, and the number of that bind: a socket may give a name up and take it again before the others
    /// have heard of the first.
    struct Server: Equatable, Sendable {
        let handle: SocketHandle
        let number: UInt64
    }

    private var bound: [ExactText: Server] = [:]
    private var connected: [ExactText: [SocketHandle]] = [:]
    private var lastNumber: UInt64 = 0

    func server(of name: ExactText) -> Server? { bound[name] }

    func clients(of name: ExactText) -> [SocketHandle] { connected[name] ?? [] }

    mutating func bind(_ name: ExactText, _ handle: SocketHandle) -> Server {
        lastNumber += 1
        let server = Server(handle: handle, number: lastNumber)
        bound[name] = server
        return server
    }

    mutating func unbind(_ name: ExactText) -> Server? { bound.removeValue(forKey: name) }

    mutating func connect(_ name: ExactText, _ handle: SocketHandle) { connected[name, default: []].append(handle) }

    mutating func disconnect(_ name: ExactText, _ handle: SocketHandle) {
        guard var clients = connected[name] else { return }
        clients.removeAll { $0 == handle }
        connected[name] = clients.isEmpty ? nil : clients
    }
}

extension SocketCore {
    private var handle: SocketHandle { SocketHandle(rawValue: id) }

    // MARK: The connecting side

    func attachInproc(_ link: Link) {
        guard case .inproc(let name) = link.endpoint.target else { return }
        var event = SocketEvent(.connecting)
        event.endpoint = link.endpoint.text.string
        event.attempt = 1
        statistics.connectAttempts &+= 1
        report(event)
        let server = context.inprocNames.withLock { names in
            names.connect(name, handle)
            return names.server(of: name)
        }
        if let server { connectInproc(link, to: server) }
    }

    private func connectInproc(_ link: Link, to server: InprocDirectory.Server) {
        guard let socket, link.inprocServer == nil, case .inproc(let name) = link.endpoint.target else { return }
        // The name stays bound while the directory is locked. libzmq keeps a connect to a name that nobody is bound to,
        // and when that has been taken back, the next bind can make it abort.
        let isConnected = context.inprocNames.withLock { names in
            names.server(of: name) == server && ZMQ.connect(socket, link.endpoint.text.string) == 0
        }
        // Whoever binds to the name next tells this side.
        guard isConnected else { return }
        link.inprocServer = server
        // For who waits for it and may not run before it is gone again.
        link.outcome = .connected
        if link.hasBeenLost { statistics.reconnects &+= 1 }
        pump()
        var event = SocketEvent(.handshaken)
        event.endpoint = link.endpoint.text.string
        event.attempt = 1
        event.count = peerCount
        report(event)
        waiters.wakeAll(.state)
        tell(server.handle) { $0.inprocClientChanged(link.endpoint.target, server.number, by: 1) }
    }

    func detachInproc(_ link: Link) {
        guard case .inproc(let name) = link.endpoint.target else { return }
        context.inprocNames.withLock { $0.disconnect(name, handle) }
        guard let server = link.inprocServer else { return }
        link.inprocServer = nil
        if let socket { _ = ZMQ.disconnect(socket, link.endpoint.text.string) }
        peerIsGone(descriptor: nil, isOutgoing: true)
        followUp()
        tell(server.handle) { $0.inprocClientChanged(link.endpoint.target, server.number, by: -1) }
    }

    // MARK: The bound side

    func announceInproc(_ name: ExactText) {
        let (server, clients) = context.inprocNames.withLock { names in
            (names.bind(name, handle), names.clients(of: name))
        }
        inprocClients[server.number] = 0
        for client in clients {
            tell(client) { core in
                for link in core.links where link.endpoint.target == .inproc(name: name) {
                    core.connectInproc(link, to: server)
                }
            }
        }
    }

    /// - Parameter unbind: lets libzmq know, while nobody can connect to the name.
    /// - Returns: what that answered.
    @discardableResult
    func withdrawInproc(_ name: ExactText, isClosing: Bool, _ unbind: () -> Int32 = { 0 }) -> Int32 {
        let (status, server, clients) = context.inprocNames.withLock { names in
            let status = unbind()
            return (status, status == 0 ? names.unbind(name) : nil, names.clients(of: name))
        }
        guard let server else { return status }
        inprocClients[server.number] = nil
        for client in clients {
            tell(client) { core in
                for link in core.links where link.inprocServer == server {
                    core.inprocLinkLost(link, isClosed: isClosing)
                }
            }
        }
        return status
    }

    private func inprocLinkLost(_ link: Link, isClosed: Bool) {
        link.inprocServer = nil
        link.hasBeenLost = true
        // Of a closed socket libzmq ends the connection when all that came through it has been received; a REQ or REP looks
        // for that in its turn only. That of an unbound one has to be ended, and what came through it would go with it.
        if !isClosed || kind.takesTurns {
            if kind.canReceive { holdArrivedMessages() }
            if let socket { _ = ZMQ.disconnect(socket, link.endpoint.text.string) }
        }
        var event = SocketEvent(.lost)
        event.endpoint = link.endpoint.text.string
        event.code = .peerLost
        event.message = "the socket bound there is gone"
        report(event)
        peerWasLost(descriptor: nil, isOutgoing: true)
        // The bound side can not go before this side has worked through what it says.
        followUp()
    }

    private func inprocClientChanged(_ target: Endpoint.Target, _ number: UInt64, by difference: Int) {
        // The name may have been unbound meanwhile, and its clients with it.
        guard let bound = boundEndpoints.first(where: { $0.target == target }), let clients = inprocClients[number],
            clients + difference >= 0
        else { return }
        inprocClients[number] = clients + difference
        var event = SocketEvent(difference > 0 ? .handshaken : .lost)
        event.endpoint = bound.actual.string
        event.count = peerCount
        if difference < 0 {
            event.code = .peerLost
            event.message = "a peer is gone"
        }
        report(event)
        if difference < 0 { peerWasLost(descriptor: nil, isOutgoing: false) } else { waiters.wakeAll(.state) }
        pump()
    }

    /// Does something with another socket's core, later and under that socket's lock: two locks are never held at once.
    private func tell(_ other: SocketHandle, _ body: @escaping @Sendable (SocketCore) -> Void) {
        context.supervisor.perform {
            // A socket that has been closed meanwhile needs to know nothing.
            try? other.withCore { core in body(core) }
        }
    }
}
