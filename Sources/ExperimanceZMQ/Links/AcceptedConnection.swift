// SPDX-License-Identifier: Apache-2.0

/// A connection that a bound endpoint has accepted.
struct AcceptedConnection {
    /// Who was accepted.
    struct Newcomer {
        fileprivate(set) var peer: KnownPeer?
        /// The kernel's name for the connection; 0 if there was none to be had.
        let cookie: UInt64

        static let unknown = Newcomer(peer: nil, cookie: 0)
    }

    let address: String
    /// Descriptors are used again; this is not.
    let number: UInt64
    private(set) var newcomer: Newcomer
    private(set) var isEstablished = false
    /// It counts as a peer on a supposition, if it does.
    private(set) var isSupposed = false
    /// It has done what only a peer can do.
    private(set) var isPeer = false
    /// It is to be ended, and is no peer any more, whatever it does.
    var isRefused = false
    /// It was told no, and will have no handshake.
    var isTurnedAway = false

    init(address: String, number: UInt64, newcomer: Newcomer) {
        self.address = address
        self.number = number
        self.newcomer = newcomer
    }

    var isPending: Bool { !isEstablished && !isRefused }

    /// It may have its handshake before it, or one that nobody knows to be its.
    var mayHaveHandshake: Bool { isPending && !isTurnedAway }

    var mayBeInHandshake: Bool { mayHaveHandshake || isSupposed && !isRefused }

    /// It is known as whom its peer was let in.
    mutating func meet(_ admitted: KnownPeer) { newcomer.peer = (newcomer.peer ?? KnownPeer()).admitted(as: admitted) }

    /// It has done what only a peer can do.
    ///
    /// - Parameter isCertain: it was not another one that had its descriptor.
    mutating func hasSpoken(isCertain: Bool) {
        isPeer = true
        if !isCertain { isSupposed = true }
    }

    /// It has a finished handshake.
    mutating func establish(isSupposed: Bool) {
        if isSupposed, !isEstablished { self.isSupposed = true }
        isEstablished = true
    }
}

extension AcceptedPeers {
    enum End: Equatable {
        /// A peer with a finished handshake is gone.
        case lost
        /// A connection ended before its handshake was done.
        case rejected(ConnectFailure)
        /// It was a look at this side, by a peer that says why it can not connect.
        case probed
    }

    /// What a finished handshake comes to.
    enum Arrival: Equatable {
        /// No handshake is going on there: a leftover of a connect that was given up.
        case unknown
        /// Who it is, where that is certain.
        case joined(KnownPeer?)
        /// There is no place for one more peer. These are none, and are to be ended.
        case refused(Set<Int32>)
    }

    /// A connection that may be a peer although no handshake is left for it.
    struct Doubt: Hashable {
        let descriptor: Int32
        let number: UInt64
    }

    /// What has been said on a connection.
    struct Inflow {
        /// What has come in.
        let bytes: Int64
        /// Milliseconds since the last of it.
        let silence: Int64
        /// What has been written to it; nil if that is not known.
        var written: Int64? = nil
        /// Of what had the descriptor then.
        var cookie: UInt64 = 0
    }
}
