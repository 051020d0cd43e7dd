// SPDX-License-Identifier: Apache-2.0

import CLinux

// Whose connection it is that asks, or is done. With the socket's lock.
extension SocketDoor {
    /// A greeting, and with a password the shortest HELLO, of empty texts: without it nobody has asked.
    private var throughQuestion: Int64 {
        switch demand {
        case .key: HandshakeSize.curveServer.received
        case .password: 64 + 2 + 6 + 2
        case .nothing: 64
        }
    }

    /// The connections from there that can have asked, and are not known to have been let in.
    private func possible(from origin: PeerOrigin) -> [AdmissionCandidate] {
        guard let core else { return [] }
        return core.inHandshake.compactMap { descriptor, newcomer in
            guard core.entrance?.queue.peer(at: descriptor) == nil else { return nil }
            if let peer = newcomer.peer, PeerOrigin(peer) != origin { return nil }
            if let inflow = Descriptors.inflow(descriptor), inflow.bytes < throughQuestion,
                clinux_socket_cookie(descriptor) == newcomer.cookie
            {
                return nil
            }
            return AdmissionCandidate(descriptor: descriptor, cookie: newcomer.cookie, written: nil)
        }
    }

    /// The connection whose handshake is done, if there is only one that it can be. To be asked before that is noted.
    func onlyOneThatIsDone() -> AdmissionCandidate? {
        guard let turn = core?.entrance?.queue.turn, turn.candidates.count == 1 else { return nil }
        let possible = possible(from: turn.origin)
        guard possible.count == 1 else { return nil }
        return turn.candidates.first { $0.descriptor == possible[0].descriptor && $0.cookie == possible[0].cookie }
    }

    /// The same of a connection that asks. With keys it is known when it is done.
    func asker(from origin: PeerOrigin) -> AdmissionCandidate? {
        guard !isOneByOne, let core else { return nil }
        var asker: AdmissionCandidate?
        core.locked {
            let possible = possible(from: origin)
            asker = core.entrance?.askers.ask(from: origin, possible)
        }
        return asker
    }

    /// A peer was let in, whose connection is known.
    func meet(_ peer: AdmittedPeer, at asker: AdmissionCandidate) {
        let isThere = core?.inHandshake.contains { $0.descriptor == asker.descriptor && $0.1.cookie == asker.cookie }
        guard isThere == true else { return }
        core?.entrance?.queue.note(peer, of: asker)
        name(peer, at: asker)
    }

    /// From now on the connection's events name it so.
    func name(_ peer: AdmittedPeer, at candidate: AdmissionCandidate) {
        let known = KnownPeer(peer)
        core?.bound.meet(known, at: candidate.descriptor, cookie: candidate.cookie)
        core?.connecting.meet(known, at: candidate.descriptor, cookie: candidate.cookie)
    }

    /// A connection has ended. It may have asked something that nobody has read yet.
    func noteEnd(of descriptor: Int32) {
        guard let core, core.entrance?.askers.forget(descriptor) == false else { return }
        guard let ended = core.inHandshake.first(where: { $0.descriptor == descriptor }) else { return }
        waitForQuestions(from: ended.1.peer.map { PeerOrigin($0) })
    }

    /// Nobody from there is taken for who asks until all has been read that was asked until now.
    ///
    /// - Parameter origin: nil is anywhere.
    func waitForQuestions(from origin: PeerOrigin?) {
        guard !isOneByOne, let core else { return }
        core.entrance?.askers.mayHaveAsked(from: origin)
        core.entrance?.doorkeeper.settle { [weak core] in
            core?.locked { core?.entrance?.askers.hasBeenRead(from: origin) }
        }
    }
}

extension SocketCore {
    /// This side ends connections, of whose end libzmq says nothing.
    func noteSilentEnds() {
        if let demand = entrance?.demand { SocketDoor(self, demand).waitForQuestions(from: nil) }
    }
}

extension KnownPeer {
    init(_ admitted: AdmittedPeer) {
        self.init(userID: admitted.userID, publicKey: admitted.publicKey?.text)
    }

    /// As whom the sender of a message was let in; nil where nobody has decided on that.
    init?(admittedSenderOf frame: inout Frame) {
        func text(_ property: SenderProperty) -> String? {
            // A yes of the doorkeeper's has a mark.
            let text = unsafe frame.propertyText(property, believesUserIDs: false)
            return unsafe text.map { unsafe String(cString: $0) }
        }
        guard let userID = text(.userID) else { return nil }
        self.init(userID: userID, publicKey: text(.publicKey))
    }
}
