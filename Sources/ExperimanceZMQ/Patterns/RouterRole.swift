// SPDX-License-Identifier: Apache-2.0

/// Which connection of a ROUTER has which identity, as far as their messages tell.
///
/// libzmq hands an identity over to the newest connection that brings it, and goes on reading nothing from the older
/// one, without a word to either. That shows here with the first message of the newer one. The older one is left
/// alone: if its connection were ended its peer would make a new one, and be the newest. It is ended when the newer one
/// is gone, so that its peer can come again.
///
/// Touched with the lock of its socket held only.
final class RouterRole {
    /// One that has been heard.
    typealias Connection = UntoldEnds.Connection

    /// What a message under an identity comes to.
    struct Hearing: Equatable {
        /// The identity had been another connection's that is still there.
        var isTakenOver = false
        /// Connections that may come again, as the one that had their identity has turned out to be gone.
        var comingAgain: [Connection] = []
        /// Who had the identity, whether or not it is still there.
        var displaced: Connection?
    }

    private struct Peer {
        let connection: Connection
        /// Nil once a newer one has it.
        var identity: [UInt8]?
        /// Older connections, whose identity it has.
        var passedOver: [Connection] = []
    }

    private var sources = MessageSources()
    private var peers: [MessageSources.Number: Peer] = [:]
    private var holders: [[UInt8]: MessageSources.Number] = [:]
    var untoldEnds = UntoldEnds()
    /// Has a look at them be arranged.
    var arrangeLook: (() -> Void)?

    /// Nothing new: the identity is known to be that connection's.
    func isKnown(_ identity: UnsafeRawBufferPointer, from origin: Frame.Origin) -> Bool {
        unsafe sources.known(origin).flatMap { peers[$0]?.identity }?.elementsEqual(identity) == true
    }

    /// A message has come with an identity that was not known to be this connection's.
    ///
    /// - Parameters:
    ///   - cookie: the kernel's name for what has the descriptor now.
    ///   - keeper: keeps the place of what libzmq knows of the connection; nil if there is none to be had.
    ///   - isAlive: whether a connection is still there.
    func heard(
        _ identity: [UInt8],
        from origin: Frame.Origin,
        cookie: UInt64,
        keeper: AnyObject?,
        isAlive: (Connection) -> Bool
    ) -> Hearing {
        var hearing = Hearing()
        let source: MessageSources.Number
        if let known = sources.known(origin) {
            source = known
            giveUpIdentity(of: known)
        } else {
            let (number, gone) = sources.meet(origin, cookie: cookie, keeper: keeper)
            source = number
            if let gone { hearing.comingAgain = forget(gone) }
        }
        peers[source, default: Peer(connection: Connection(descriptor: origin.descriptor, cookie: cookie))].identity =
            identity
        guard let older = holders.updateValue(source, forKey: identity), let former = peers[older]?.connection
        else { return hearing }
        hearing.displaced = former
        guard isAlive(former) else { return hearing }
        peers[older]?.identity = nil
        peers[source]?.passedOver.append(former)
        hearing.isTakenOver = true
        return hearing
    }

    /// Another connection has the identity of this one.
    func losesIdentity(_ connection: Connection) {
        untoldEnds.displaced(connection)
        if untoldEnds.beginLooking(at: false) { arrangeLook?() }
    }

    /// The identity of the connection that ``connectionIsGone(_:later:)`` is about to be told of; nil if it had none,
    /// or another one has it now.
    func identity(ofEnded descriptor: Int32, later: MessageSources.LaterUse) -> [UInt8]? {
        sources.ending(descriptor, later: later).flatMap { peers[$0]?.identity }
    }

    /// A connection with this descriptor is gone.
    ///
    /// - Parameter later: what has become of the descriptor since.
    /// - Returns: those that may come again.
    func connectionIsGone(_ descriptor: Int32, later: MessageSources.LaterUse) -> [Connection] {
        sources.ended(descriptor, later: later).map { forget($0) } ?? []
    }

    private func forget(_ source: MessageSources.Number) -> [Connection] {
        giveUpIdentity(of: source)
        return peers.removeValue(forKey: source)?.passedOver ?? []
    }

    private func giveUpIdentity(of source: MessageSources.Number) {
        guard let identity = peers[source]?.identity, holders[identity] == source else { return }
        holders[identity] = nil
    }
}
