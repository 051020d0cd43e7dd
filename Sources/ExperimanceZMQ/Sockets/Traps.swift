// SPDX-License-Identifier: Apache-2.0

/// Reasons for an operation to leave its shortest path. None set is the usual case, tested with one comparison.
///
/// They follow from what is true of the socket by the ``TrapRule`` of its kind, and are put into its slot whenever its
/// lock is released.
struct Traps: OptionSet {
    let rawValue: UInt32

    /// The socket type can not do this.
    static let unsupported = Traps(rawValue: 1)
    /// Threads wait for messages or room; libzmq's signal must be passed on to them.
    static let waiters = Traps(rawValue: 2)
    /// A connect is under way whose pipe may be thrown away; nothing may be sent into it.
    static let gated = Traps(rawValue: 4)
    /// A publisher, which has to look after its subscriptions.
    static let publisher = Traps(rawValue: 8)
    /// Messages are held that were received but not handed over.
    static let holding = Traps(rawValue: 16)
    /// Somebody watches the socket's descriptor, which has to be kept true.
    static let watched = Traps(rawValue: 32)
    /// A call waits for the answer to its request, and nobody else is to take it or to send another one; or a signal
    /// has interrupted that call, and whoever does something else gives the request up.
    static let requesting = Traps(rawValue: 64)
    /// Nothing has been sent for a while: the next message starts the watch over the connections.
    static let resting = Traps(rawValue: 128)
    /// Threads of this process may be cancelled, so each call has to be kept from that.
    static let cancelable = Traps(rawValue: 256)
}

/// Which facts are traps on a socket of one kind, in either direction.
struct TrapRule {
    private var alwaysSending: Traps
    private var alwaysReceiving: Traps
    private let sendingWhenTrue: Traps
    private let receivingWhenTrue: Traps

    init(for kind: SocketKind) {
        alwaysSending = kind.canSend ? (kind == .pub ? .publisher : []) : .unsupported
        alwaysReceiving = kind.canReceive ? [] : .unsupported
        let both: Traps = [.waiters, .watched, .requesting]
        var sending = both.union(.resting)
        if kind.balancesSends { sending.insert(.gated) }
        if kind.takesTurns { sending.insert(.holding) }
        sendingWhenTrue = sending
        receivingWhenTrue = both.union(.holding)
    }

    /// Whatever is true of the socket, this is a trap from now on.
    mutating func add(_ trap: Traps) {
        alwaysSending.insert(trap)
        alwaysReceiving.insert(trap)
    }

    /// - Parameter facts: what is true of the socket now.
    @inline(__always)
    func traps(sending facts: Traps) -> Traps {
        facts.intersection(sendingWhenTrue).union(alwaysSending)
    }

    /// - Parameter facts: what is true of the socket now.
    @inline(__always)
    func traps(receiving facts: Traps) -> Traps {
        facts.intersection(receivingWhenTrue).union(alwaysReceiving)
    }
}
