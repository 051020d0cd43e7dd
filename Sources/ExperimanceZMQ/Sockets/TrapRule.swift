// SPDX-License-Identifier: Apache-2.0

/// Which facts are traps on a socket of one kind, in either direction.
struct TrapRule {
    private var alwaysSending: Traps
    private var alwaysReceiving: Traps
    private let sendingWhenTrue: Traps
    private let receivingWhenTrue: Traps

    init(for kind: ZMQSocketType) {
        alwaysSending = kind.canSend ? (kind == .pub ? .publisher : []) : .unsupported
        alwaysReceiving = kind.canReceive ? [] : .unsupported
        let both: Traps = [.waiters, .watched, .requesting]
        var sending = both.union(.resting)
        if kind.balancesSends { sending.insert(.gated) }
        if kind.takesTurns { sending.insert(.holding) }
        if kind == .xpub { sending.insert(.publisher) }
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
