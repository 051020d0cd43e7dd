// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// The names bound within the process, per context, and who connects to them.
///
/// libzmq has no events for inproc. So the sockets of a context keep books themselves: a link is up while its name is
/// bound, and both sides learn of the other's coming and going through the supervisor.
struct InprocDirectory {
    private var bound: [String: SocketHandle] = [:]
    private var connected: [String: [SocketHandle]] = [:]

    func server(of name: String) -> SocketHandle? { bound[name] }

    func clients(of name: String) -> [SocketHandle] { connected[name] ?? [] }

    mutating func bind(_ name: String, _ handle: SocketHandle) { bound[name] = handle }

    mutating func unbind(_ name: String) { bound[name] = nil }

    mutating func connect(_ name: String, _ handle: SocketHandle) { connected[name, default: []].append(handle) }

    mutating func disconnect(_ name: String, _ handle: SocketHandle) {
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
        event.endpoint = link.endpoint.text
        event.attempt = 1
        statistics.connectAttempts &+= 1
        report(event)
        let server = context.inprocNames.withLock { names in
            names.connect(name, handle)
            return names.server(of: name)
        }
        if let server { connectInproc(link, to: server) }
    }

    private func connectInproc(_ link: Link, to server: SocketHandle) {
        guard let socket, !link.isBoundInProcess, case .inproc(let name) = link.endpoint.target else { return }
        // The name stays bound while the directory is locked. libzmq keeps a connect to a name that nobody is bound to,
        // and when that has been taken back, the next bind can make it abort.
        link.isBoundInProcess = context.inprocNames.withLock { names in
            names.server(of: name) == server && ZMQ.connect(socket, link.endpoint.text) == 0
        }
        // Whoever binds to the name next tells this side.
        guard link.isBoundInProcess else { return }
        if link.hasBeenLost { statistics.reconnects &+= 1 }
        pump()
        var event = SocketEvent(.handshaken)
        event.endpoint = link.endpoint.text
        event.attempt = 1
        event.count = peerCount
        report(event)
        waiters.wakeAll(.state)
        tell(server) { $0.inprocClientChanged(link.endpoint.target, by: 1) }
    }

    func detachInproc(_ link: Link) {
        guard case .inproc(let name) = link.endpoint.target else { return }
        let server = context.inprocNames.withLock { names in
            names.disconnect(name, handle)
            return names.server(of: name)
        }
        guard link.isBoundInProcess else { return }
        link.isBoundInProcess = false
        if let socket { _ = ZMQ.disconnect(socket, link.endpoint.text) }
        followUp()
        if let server { tell(server) { $0.inprocClientChanged(link.endpoint.target, by: -1) } }
    }

    // MARK: The bound side

    func announceInproc(_ name: String) {
        let clients = context.inprocNames.withLock { names in
            names.bind(name, handle)
            return names.clients(of: name)
        }
        let server = handle
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
    func withdrawInproc(_ name: String, isClosing: Bool, _ unbind: () -> Int32 = { 0 }) -> Int32 {
        let (status, clients) = context.inprocNames.withLock { names in
            let status = unbind()
            guard status == 0 else { return (status, [] as [SocketHandle]) }
            names.unbind(name)
            return (status, names.clients(of: name))
        }
        guard status == 0 else { return status }
        inprocClients[name] = nil
        for client in clients {
            tell(client) { core in
                for link in core.links where link.endpoint.target == .inproc(name: name) {
                    core.inprocLinkLost(link, isClosed: isClosing)
                }
            }
        }
        return status
    }

    private func inprocLinkLost(_ link: Link, isClosed: Bool) {
        guard link.isBoundInProcess else { return }
        link.isBoundInProcess = false
        link.hasBeenLost = true
        // Of a closed socket libzmq ends the connection when all that came through it has been received; a REQ or REP looks
        // for that in its turn only. That of an unbound one has to be ended, and what came through it would go with it.
        if !isClosed || kind.takesTurns {
            if kind.canReceive { holdArrivedMessages() }
            if let socket { _ = ZMQ.disconnect(socket, link.endpoint.text) }
        }
        var event = SocketEvent(.lost)
        event.endpoint = link.endpoint.text
        event.code = .peerLost
        event.message = "the socket bound there is gone"
        report(event)
        peerWasLost(descriptor: nil, isOutgoing: true)
        // The bound side can not go before this side has worked through what it says.
        followUp()
    }

    private func inprocClientChanged(_ target: Endpoint.Target, by difference: Int) {
        // The name may have been unbound meanwhile, and its clients with it.
        guard let bound = boundEndpoints.first(where: { $0.target == target }), case .inproc(let name) = target,
            difference > 0 || inprocClients[name, default: 0] > 0
        else { return }
        inprocClients[name, default: 0] += difference
        var event = SocketEvent(difference > 0 ? .handshaken : .lost)
        event.endpoint = bound.actual
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
