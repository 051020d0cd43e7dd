// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    /// Stops listening at an endpoint and ends the connections that came through it.
    func unbind(_ text: String) throws(ZMQSocketError) {
        let endpoint = try Endpoint(text, for: .bind)
        guard let socket = unsafe socket, let former = bound.endpoint(named: endpoint.text) else {
            throw ZMQSocketError(.state, endpoint: text, message: "the socket is not bound to \(endpoint.text)")
        }
        former.file?.remove()
        let status =
            if case .inproc(let name) = former.target {
                withdrawInproc(name, isClosing: false) { unsafe ZMQ.unbind(socket, former.actual.string) }
            } else {
                unsafe ZMQ.unbind(socket, former.actual.string)
            }
        guard status == 0 else {
            throw ZMQSocketError(errno: status, doing: "unbind from \(text) failed", endpoint: text)
        }
        let gone = bound.remove(former)
        noteSilentEnds()
        followUp()
        for descriptor in gone {
            _ = liveness.closed(descriptor)
            letComeAgain(after: descriptor)
            subscriptionsLost(with: descriptor, isOutgoing: false)
        }
        report(ZMQEvent(.closed, endpoint: former.shown.string))
        waiters.wakeAll(.state)
    }
}
