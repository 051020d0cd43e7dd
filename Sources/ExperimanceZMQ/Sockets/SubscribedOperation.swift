// SPDX-License-Identifier: Apache-2.0

/// The wait until every publisher that a subscriber is linked to has its subscriptions: each is asked, by a
/// subscription that nobody else has, and answers with a message of that topic.
struct SubscribedOperation: Operation {
    /// A question that was lost on the way (a full queue, a link that broke) is asked again after this.
    private static let interval: Int64 = 500 * nanosecondsPerMillisecond

    /// Who has not answered after this does not know the question.
    private static let answerTime: Int64 = 100 * nanosecondsPerMillisecond

    /// A question that has been asked.
    private struct Question {
        let probe: [UInt8]
        let losses: UInt64
        let until: Deadline
    }

    private let timeout: ZMQTimeout
    private let start = MonotonicInstant.now()
    private var until: Deadline?
    private var question: Question?
    private var hasHeardAny = false

    init(timeout: ZMQTimeout) {
        self.timeout = timeout
    }

    mutating func proceed(_ core: SocketCore, after end: ZMQSocketError.Code?) -> Step<Void> {
        guard let subscriber = core.role.subscriber else { return failed(core, .notSupported) }
        let until = until ?? core.deadline(timeout)
        self.until = until
        var end = end
        while true {
            let question = question ?? ask(core, subscriber, until)
            self.question = question
            switch end ?? look(core, subscriber, question) {
            case nil:
                return .wait(for: [.readable, .state], until: question.until)
            case .ok:
                close(question, core, subscriber)
                return .done
            case .timeout where !until.hasPassed(at: .now()), .peerLost:
                close(question, core, subscriber)
                end = nil
            case let code?:
                close(question, core, subscriber)
                return failed(core, code == .timeout ? reason(core, until) : code)
            }
        }
    }

    private func ask(_ core: SocketCore, _ subscriber: SubscriberRole, _ until: Deadline) -> Question {
        let probe = subscriber.beginProbe()
        let losses = subscriber.losses
        _ = unsafe probe.withUnsafeBytes { unsafe core.apply(.subscribe, to: $0, of: subscriber) }
        let next = MonotonicInstant.now().advanced(byNanoseconds: Self.interval)
        return Question(probe: probe, losses: losses, until: Deadline(min(next, until.instant)))
    }

    private mutating func close(_ question: Question, _ core: SocketCore, _ subscriber: SubscriberRole) {
        subscriber.endProbe(question.probe)
        if !core.isClosed {
            _ = unsafe question.probe.withUnsafeBytes { unsafe core.apply(.unsubscribe, to: $0, of: subscriber) }
        }
        self.question = nil
    }

    private mutating func look(
        _ core: SocketCore,
        _ subscriber: SubscriberRole,
        _ question: Question
    ) -> ZMQSocketError.Code? {
        core.holdArrivedMessages { core.mayHoldMore }
        if core.readiness.isOpen { _ = core.readEvents() }
        let echoes = subscriber.echoes(of: question.probe)
        hasHeardAny = hasHeardAny || echoes > 0
        // An echo from a peer that is gone proves nothing about the one in its place.
        guard question.losses == subscriber.losses else { return .peerLost }
        return echoes > 0 && echoes >= core.peerCount ? .ok : nil
    }

    /// A publisher of this library answers at once, if its answer does not stand behind messages nobody reads.
    private func reason(_ core: SocketCore, _ until: Deadline) -> ZMQSocketError.Code {
        let hadTheChance = until.instant.nanoseconds(since: start) >= Self.answerTime && core.mayHoldMore
        return core.peerCount > 0 && !hasHeardAny && hadTheChance ? .notSupported : .timeout
    }

    private func failed(_ core: SocketCore, _ code: ZMQSocketError.Code) -> Step<Void> {
        core.count(code, timeout: timeout)
        return .failed(ZMQSocketError(code))
    }
}
