// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    func checkIsNotItself(_ endpoint: Endpoint) throws(ZMQSocketError) {
        guard bound.has(endpoint) else { return }
        let text = endpoint.text.string
        throw ZMQSocketError(.invalid, endpoint: text, message: "the socket is bound to \(text) itself")
    }

    /// Starts to connect.
    func connectInBackground(_ text: String) throws(ZMQSocketError) {
        let endpoint = try Endpoint(text, for: .connect)
        try checkIsNotItself(endpoint)
        connectInBackground(endpoint)
    }

    func connectInBackground(_ endpoint: Endpoint) {
        guard let link = connecting.liveLink(named: endpoint.text) else {
            _ = begin(endpoint, .background, until: nil)
            return
        }
        link.isInterrupted = false
        link.keepInBackground()
    }

    func begin(_ endpoint: Endpoint, _ mode: ConnectMode, until deadline: Deadline?) -> Link {
        peersMayCome()
        let link = connecting.add(
            endpoint,
            mode: mode,
            policy: options.retry,
            deadline: deadline,
            keepsPipe: kind != .req,
            hasOneQueue: kind.hasOnePeer
        )
        guard !link.isInproc else {
            attachInproc(link)
            return link
        }
        // A link that is made again brings its subscriptions anew, of which an XPUB tells only those that libzmq has
        // not kept, and libzmq alone knows which these are.
        if let publisher = role.publisher { stopCounting(publisher) }
        process(link, .start)
        return link
    }

    func connectError(_ link: Link, _ failure: ConnectFailure, since start: MonotonicInstant) -> ZMQSocketError {
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
        report(ZMQEvent(.closed, endpoint: endpoint.text.string))
    }

    func drop(_ link: Link) {
        connecting.remove(link)
        if link.isInproc { detachInproc(link) } else { process(link, .stop) }
        waiters.wakeAll(.state)
    }
}
