// SPDX-License-Identifier: Apache-2.0

/// One direction of a proxy: from the socket that is received from to the one that is sent to.
///
/// What the one gives is taken only when the other has room, a burst at a time. The two locks are never held together.
final class ForwardingLane {
    private let source: ForwardingSide
    private let sink: ForwardingSide
    private let burst: Burst
    private let capture: ForwardingSide?
    private let copies: Burst?
    private let counters: ForwardingCounters
    private let direction: ForwardingCounters.Direction

    /// - Throws: `noMemory`.
    static func make(
        from source: ForwardingSide,
        to sink: ForwardingSide,
        copiedTo capture: ForwardingSide?,
        _ counters: ForwardingCounters,
        _ direction: ForwardingCounters.Direction
    ) throws(ZMQSocketError) -> ForwardingLane {
        guard let burst = Burst() else { throw ZMQSocketError(.noMemory) }
        var copies: Burst?
        if capture != nil {
            copies = Burst()
            guard copies != nil else { throw ZMQSocketError(.noMemory) }
        }
        return ForwardingLane(source, sink, burst, capture, copies, counters, direction)
    }

    private init(
        _ source: ForwardingSide,
        _ sink: ForwardingSide,
        _ burst: Burst,
        _ capture: ForwardingSide?,
        _ copies: Burst?,
        _ counters: ForwardingCounters,
        _ direction: ForwardingCounters.Direction
    ) {
        self.source = source
        self.sink = sink
        self.burst = burst
        self.capture = capture
        self.copies = copies
        self.counters = counters
        self.direction = direction
    }

    /// How many messages have been taken and could not be passed on.
    var waiting: Int { burst.count }

    /// Whether there is a message to take and room for it, by the last look at the sockets.
    var canTake: Bool { burst.isEmpty && source.seen.contains(.readable) && sink.seen.contains(.writable) }

    /// Goes on as far as it can now.
    ///
    /// - Returns: whether there may be more to do at once.
    /// - Throws: why it can not go on at all: `closed`, if one of the sockets is.
    func advance() throws(ZMQSocketError) -> Bool {
        // libzmq has to work through the commands of both each time, or it would call for that all the time.
        let (hasRoom, hasPassedOn) = try sink.attempt { core in
            let hasRoom = sink.look(core)
            guard !burst.isEmpty else { return (hasRoom, false) }
            return (false, passOn(core))
        }
        var lost = 0
        let failure = try source.attempt { core -> ZMQSocketError.Code? in
            let failure = hasRoom ? core.take(into: burst, lost: &lost) : nil
            if !hasRoom || core.hasAudience { source.look(core) }
            return failure
        }
        if lost > 0 { counters.addLost(lost) }
        if let failure { throw ZMQSocketError(failure) }
        guard hasRoom, !burst.isEmpty else {
            try handCopies()
            return hasPassedOn
        }
        _ = try sink.attempt { core in passOn(core) }
        try handCopies()
        return true
    }

    private func passOn(_ core: SocketCore) -> Bool {
        let passed = core.passOn(burst, copies: copies)
        counters.add(passed, to: direction)
        return passed.isProgress
    }

    /// Hands the copies over, as far as there is room for them.
    private func handCopies() throws(ZMQSocketError) {
        guard let capture, let copies, !copies.isEmpty else { return }
        let count = copies.count
        let sent = try capture.attempt { core in core.passOnOrDrop(copies) }
        counters.addCaptured(sent, of: count)
    }

    /// Gives back what was taken and could not be passed on.
    func giveBack() {
        guard !burst.isEmpty else { return }
        let count = burst.count
        do throws(ZMQSocketError) {
            try source.attempt { core in core.giveBack(burst) }
        } catch {
            // What a socket that is closed has received is gone.
            counters.addLost(count)
        }
        burst.removeAll()
    }
}
