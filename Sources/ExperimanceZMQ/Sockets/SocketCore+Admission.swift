// SPDX-License-Identifier: Apache-2.0

// Who may come in: the side of a socket that the context's doorkeeper sees.
extension SocketCore {
    /// What a socket with that security asks of its peers; nil if it asks nobody.
    static func demand(of security: ZMQSecurity?) -> AccessRules.Demand? {
        switch security?.form {
        case .curveServer(_, let admission): .key(anybody: admission == .anybody)
        case .plainServer: .password
        case .guarded: .nothing
        case .curveClient, .plainClient, nil: nil
        }
    }

    /// Has the doorkeeper asked about each peer. To be called before there can be any.
    func openDoor(_ socket: RawSocket, _ doorkeeper: Doorkeeper, _ demand: AccessRules.Demand) throws(ZMQSocketError) {
        let door = SocketDoor(self, demand)
        let number = doorkeeper.open(door)
        let status = unsafe ZMQ.setZAPDomain(of: socket, to: Doorkeeper.domain(of: number))
        guard status == 0 else {
            doorkeeper.shut(number)
            throw ZMQSocketError(errno: status, doing: "libzmq does not accept the ZAP domain")
        }
        entrance = Entrance(doorkeeper, number, demand)
    }

    func shutDoor() {
        guard let entrance else { return }
        entrance.doorkeeper.shut(entrance.number)
        self.entrance = nil
    }

    /// Takes in what a monitor says of a connection.
    ///
    /// - Returns: as whom the peer was let in that it is about, or why it was not, as far as that is known.
    func noteAdmission(_ event: MonitorEvent) -> (peer: KnownPeer?, refusal: ConnectFailure?) {
        guard let demand = entrance?.demand else { return (nil, nil) }
        let door = SocketDoor(self, demand)
        switch event.kind {
        case .accepted(let descriptor), .connected(let descriptor):
            _ = entrance?.askers.forget(descriptor)
            door.forget(descriptor)
        case .disconnected(let descriptor):
            door.noteEnd(of: descriptor)
            defer { door.forget(descriptor) }
            // What the others have come to leaves less for this one to have been.
            bound.lookAgain { inflow(of: $0) }
            guard let refused = takeRefused(descriptor, at: event.address) else { break }
            return (refused.key.map { KnownPeer(publicKey: $0.text) }, ConnectFailure.notLetIn(refused.refusal))
        case .handshakeSucceeded:
            let only = door.onlyOneThatIsDone()
            defer { door.resolve() }
            return (entrance?.queue.succeeded(now: .now(), only: only).map { KnownPeer($0) }, nil)
        case .handshakeFailed(.authentication):
            for descriptor in entrance?.refused.hear() ?? [] { bound.turnAway(descriptor) }
            return (nil, ConnectFailure.notLetIn())
        case .handshakeFailed:
            entrance?.breaking.insert(event.address)
        default:
            break
        }
        return (nil, nil)
    }

    /// Why a connection has ended, if it was for a no.
    private func takeRefused(_ descriptor: Int32, at address: String) -> RefusedConnections.Refused? {
        // It may have broken off before it heard of any.
        let isOfItself = entrance?.breaking.remove(address) != nil
        let isPeer = bound.isPeer(descriptor) || entrance?.queue.peer(at: descriptor) != nil
        entrance?.refused.exclude { bound.isPeer($0) }
        return isOfItself || isPeer ? nil : entrance?.refused.end(descriptor)
    }

    /// All that a monitor has said has been heard of.
    func catchUpAtDoor() {
        guard let entrance, entrance.askers.isBehind else { return }
        self.entrance?.askers.isBehind = false
        SocketDoor(self, entrance.demand).goOn()
    }

    /// Says that nobody will come in, before anybody could.
    func announceClosedDoor() {
        guard let entrance, entrance.isShutWithoutAuthenticator, !entrance.hasAnnounced,
            !entrance.doorkeeper.hasAuthenticator
        else { return }
        self.entrance?.hasAnnounced = true
        report(ZMQEvent(.noAuthenticator, code: .security, message: Refusal.noAuthenticator.reason))
    }

    /// Who may be a peer that wants to come in.
    var inHandshake: [(descriptor: Int32, AcceptedConnection.Newcomer)] { bound.inHandshake + connecting.inHandshake }
}

extension ConnectFailure {
    /// This side has refused a peer.
    fileprivate static func notLetIn(_ refusal: Refusal? = nil) -> ConnectFailure {
        ConnectFailure(code: .security, reason: refusal?.reason ?? "the peer was not let in")
    }
}
