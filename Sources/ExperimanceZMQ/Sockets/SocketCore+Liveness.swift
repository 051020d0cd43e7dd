// SPDX-License-Identifier: Apache-2.0

import CLinux

extension SocketCore {
    /// A connection has been made.
    func watchLiveness(of descriptor: Int32) {
        let isTCP = ConnectionHealth(of: descriptor) != nil
        liveness.opened(descriptor, cookie: isTCP ? clinux_socket_cookie(descriptor) : 0)
        if isTCP, let interval = liveness.retryInterval { clinux_limit_retry_interval(descriptor, interval) }
        startLivenessWatch()
    }

    /// After a connection was made, or a message or subscription sent that may be the first for a while.
    func startLivenessWatch() {
        guard liveness.awaitsTraffic, !isClosed else { return }
        liveness.begin(messagesSent: slot.pointee.messagesSent)
        scheduleLook()
    }

    func endLivenessWatch() {
        if let alarm = liveness.end() { context.supervisor.cancel(alarm) }
    }

    private func scheduleLook() {
        let next = MonotonicInstant.now().advanced(byNanoseconds: liveness.interval)
        liveness.alarm = context.supervisor.schedule(at: next) { [self] in locked { lookAtConnections() } }
    }

    private func lookAtConnections() {
        let dead = liveness.look(messagesSent: slot.pointee.messagesSent) { ConnectionHealth(of: $0) }
        for connection in dead { clinux_end_connection(connection.descriptor, connection.cookie) }
        if liveness.isOn { scheduleLook() }
    }
}
