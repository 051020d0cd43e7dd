// SPDX-License-Identifier: Apache-2.0

/// The receive of one message by one of Swift's sockets.
struct ReceiveOperation: Operation {
    private let timeout: ZMQTimeout
    private var until: Deadline?

    init(timeout: ZMQTimeout) {
        self.timeout = timeout
    }

    mutating func proceed(_ core: SocketCore, after end: ZMQSocketError.Code?) -> Step<BatchedMessage> {
        if until == nil {
            guard core.kind.canReceive else { return failed(core, ZMQSocketError(.notSupported)) }
            core.giveUpInterruptedRequest()
        }
        let until = until ?? core.deadline(timeout)
        self.until = until
        if let end { return failed(core, ZMQSocketError(end)) }
        // What comes during a request is the answer to it.
        guard !core.isRequesting else { return failed(core, ZMQSocketError(.state)) }
        switch core.takeMessage() {
        case .success(let message)?:
            // There may be more, for others who wait.
            if core.hasAudience { core.pump() }
            return .done(.success(message))
        case .failure(let error)?:
            return failed(core, error)
        case nil:
            return .wait(for: .readable, until: until, isDrained: true)
        }
    }

    private func failed(_ core: SocketCore, _ error: ZMQSocketError) -> Step<BatchedMessage> {
        let failure = core.fail(error, timeout: timeout)
        if !core.isClosed, core.hasAudience { core.pump() }
        return .failed(failure)
    }
}
