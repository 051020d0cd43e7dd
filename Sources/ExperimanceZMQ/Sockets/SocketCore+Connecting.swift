// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    /// Connects and waits until the handshake is done; or starts to, with `inBackground`.
    func connect(_ text: String, inBackground: Bool, timeout: Int32) throws(ZMQSocketError) {
        let endpoint = try Endpoint(text, for: .connect)
        let start = MonotonicInstant.now()
        let until = deadline(timeout)
        while true {
            guard !bound.has(endpoint) else {
                throw ZMQSocketError(.invalid, endpoint: text, message: "the socket is bound to \(text) itself")
            }
            if inBackground { return connectInBackground(endpoint) }
            guard let link = connecting.liveLink(named: endpoint.text) else {
                let link = begin(endpoint, .verified, until: until)
                if try awaitOutcome(link, since: start, until: until) { return }
                continue
            }
            if link.isInterrupted {
                // Its caller has come back.
                link.isInterrupted = false
                link.setDeadline(until)
                if try awaitOutcome(link, since: link.startedAt, until: until) { return }
                continue
            }
            // Another caller's link. It may go with that caller's patience; what is left of ours is our own to use.
            if try awaitEstablished(link, since: start, until: until) { return }
        }
    }

    func connectInBackground(_ endpoint: Endpoint) {
        guard let link = connecting.liveLink(named: endpoint.text) else {
            _ = begin(endpoint, .background, until: nil)
            return
        }
        link.isInterrupted = false
        link.keepInBackground()
    }

    private func begin(_ endpoint: Endpoint, _ mode: ConnectMode, until deadline: Deadline?) -> Link {
        let link = connecting.add(
            endpoint,
            mode: mode,
            policy: options.retry,
            deadline: deadline,
            keepsPipe: kind != .req,
            hasOneQueue: kind.hasOnePeer
        )
        if link.isInproc { attachInproc(link) } else { process(link, .start) }
        return link
    }

    /// Waits for the end of a verified connect. Without success no link is left, unless a signal ended the wait or
    /// somebody wants it in the background.
    ///
    /// - Returns: false if the link that this one was merged into is gone with time left.
    private func awaitOutcome(
        _ link: Link,
        since start: MonotonicInstant,
        until: Deadline
    ) throws(ZMQSocketError) -> Bool {
        let code = wait(for: .state, until: until) {
            if link.isEstablished || link.outcome != nil || link.mergedInto != nil { return .ok }
            // Somebody disconnected the endpoint meanwhile.
            return connecting.contains(link) ? nil : .canceled
        }
        if code == .ok, let other = link.mergedInto {
            return try awaitEstablished(other, since: start, until: until)
        }
        let failure: ConnectFailure
        switch (code, link.outcome) {
        case (.ok, .failed(let reason)?):
            failure = reason
        case (.ok, _):
            return true
        case (.timeout, _):
            failure = link.failureAtDeadline
        case (let other, _):
            failure = ConnectFailure(code: other, reason: other.explanation)
        }
        let error = connectError(link, failure, since: start)
        if code == .interrupted, !options.asksAfterSignals {
            link.isInterrupted = true
        } else if !isClosed, !link.isWantedInBackground {
            drop(link)
        }
        throw fail(error)
    }

    /// Waits for the handshake of a link that is not the caller's own. False if the link is gone with time left.
    private func awaitEstablished(
        _ link: Link,
        since start: MonotonicInstant,
        until: Deadline
    ) throws(ZMQSocketError) -> Bool {
        var isGone = false
        let code = wait(for: .state, until: until) {
            if link.isEstablished { return .ok }
            isGone = !connecting.contains(link)
            return isGone ? .ok : nil
        }
        if code == .ok, !isGone || !until.hasPassed(at: .now()) { return !isGone }
        let failure =
            code == .ok || code == .timeout
            ? link.failureAtDeadline : ConnectFailure(code: code, reason: code.explanation)
        throw fail(connectError(link, failure, since: start))
    }

    private func connectError(_ link: Link, _ failure: ConnectFailure, since start: MonotonicInstant) -> ZMQSocketError
    {
        failure.error(
            of: "connect to",
            link.endpoint.text,
            attempts: link.attempts,
            elapsed: MonotonicInstant.now().nanoseconds(since: start)
        )
    }

    /// Ends the link to an endpoint. What is queued for it is still sent for the socket's linger.
    func disconnect(_ text: String) throws(ZMQSocketError) {
        let endpoint = try Endpoint(text, for: .connect)
        guard let link = connecting.link(named: endpoint.text) else {
            throw ZMQSocketError(.state, endpoint: text, message: "the socket is not connected to \(text)")
        }
        drop(link)
        report(SocketEvent(.closed, endpoint: endpoint.text))
    }

    private func drop(_ link: Link) {
        connecting.remove(link)
        if link.isInproc { detachInproc(link) } else { process(link, .stop) }
        waiters.wakeAll(.state)
    }
}
