// SPDX-License-Identifier: Apache-2.0

/// The wait for something to be true of a socket.
struct AwaitOperation<Output>: Operation {
    private let interest: Interest
    private let timeout: ZMQTimeout
    private let look: (SocketCore) -> Result<Output, ZMQSocketError>?
    private var until: Deadline?

    /// - Parameter look: nil as long as it is not so.
    init(
        for interest: Interest,
        timeout: ZMQTimeout,
        _ look: @escaping (SocketCore) -> Result<Output, ZMQSocketError>?
    ) {
        self.interest = interest
        self.timeout = timeout
        self.look = look
    }

    mutating func proceed(_ core: SocketCore, after end: ZMQSocketError.Code?) -> Step<Output> {
        let until = until ?? core.deadline(timeout)
        self.until = until
        guard let result = end.map({ .failure(ZMQSocketError($0)) }) ?? look(core) else {
            return .wait(for: interest, until: until)
        }
        if case .failure(let error) = result { core.count(error.code, timeout: timeout) }
        return .done(result)
    }
}

extension AwaitOperation<Void> {
    /// The wait for that many peers with a finished handshake.
    static func peers(_ count: Int, timeout: ZMQTimeout) -> AwaitOperation {
        AwaitOperation(for: .state, timeout: timeout) { $0.peerCount >= count ? .success(()) : nil }
    }

    /// The wait until a message of the topic reaches that many subscribers.
    static func subscribers(of topic: [UInt8], _ count: Int, timeout: ZMQTimeout) -> AwaitOperation {
        // Who subscribes to more is not let in by a PUB.
        let cut = Array(topic.prefix(Int(Topic.longest)))
        return AwaitOperation(for: .state, timeout: timeout) { core in
            guard let publisher = core.role.publisher else { return .failure(ZMQSocketError(.notSupported)) }
            // The supervisor sees the notices, and so does whoever publishes.
            core.pump()
            return publisher.subscribers(of: publisher.rule == nil ? cut : topic) >= count ? .success(()) : nil
        }
    }
}

extension AwaitOperation<ZMQEvent> {
    /// The wait for the next event.
    static func event(timeout: ZMQTimeout) -> AwaitOperation {
        AwaitOperation(for: .events, timeout: timeout) { core in core.journal.takeEvent().map { .success($0) } }
    }
}
