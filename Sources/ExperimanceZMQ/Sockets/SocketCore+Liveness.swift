// SPDX-License-Identifier: Apache-2.0

import CLinux

/// The watch over connections with data under way.
///
/// TCP keep-alive asks on a quiet connection only. With data under way the kernel sends it again, for about fifteen
/// minutes; its own limit for that (`TCP_USER_TIMEOUT`) also ends the connections of consumers that do not read. So while
/// a socket sends, the supervisor looks at its connections once in a while, and ends one whose host has answered nothing
/// for the time keep-alive would take. A socket that does not send is not looked at, and costs nothing.
struct LivenessWatch {
    /// A look costs a system call for each connection; so many fit into the time after which a host counts as dead.
    static let looks: Int64 = 5

    /// The kernel's names of the open TCP connections, by descriptor: libzmq closes descriptors and others use them again.
    var cookies: [Int32: UInt64] = [:]
    /// Connections ended here, whose end has not been noticed yet.
    var ended: Set<Int32> = []
    var timer: Supervisor.Token?
    fileprivate var messagesAtLastLook: UInt64 = 0

    mutating func opened(_ descriptor: Int32) {
        guard ConnectionHealth(of: descriptor) != nil else { return }
        cookies[descriptor] = clinux_socket_cookie(descriptor)
    }

    /// - Returns: whether it was ended because its host was silent.
    mutating func closed(_ descriptor: Int32) -> Bool {
        cookies[descriptor] = nil
        return ended.remove(descriptor) != nil
    }
}

extension SocketCore {
    static let silentHost = "the peer's host does not answer any more"

    /// The next message is to start the watch.
    var awaitsTraffic: Bool {
        liveness.timer == nil && kind.canSend && options.keepAlive > .zero && !liveness.cookies.isEmpty
    }

    /// After a message that may be the first for a while.
    func startLivenessWatch() {
        guard awaitsTraffic, !isClosed else { return }
        liveness.messagesAtLastLook = slot.pointee.messagesSent
        scheduleLook()
        updateTraps()
    }

    func endLivenessWatch() {
        if let timer = liveness.timer { context.supervisor.cancel(timer) }
        liveness.timer = nil
    }

    private var limit: Int64 { Int64(options.keepAliveSeconds) * 1_000 * nanosecondsPerMillisecond }
    private var lookInterval: Int64 { limit / LivenessWatch.looks }

    private func scheduleLook() {
        let next = MonotonicInstant.now().advanced(byNanoseconds: lookInterval)
        liveness.timer = context.supervisor.schedule(at: next) { [self] in locked { lookAtConnections() } }
    }

    private func lookAtConnections() {
        liveness.timer = nil
        var isBusy = slot.pointee.messagesSent != liveness.messagesAtLastLook
        liveness.messagesAtLastLook = slot.pointee.messagesSent
        // One look earlier than the limit: the next one would be late.
        let patience = limit - lookInterval
        for (descriptor, cookie) in liveness.cookies where !liveness.ended.contains(descriptor) {
            guard let health = ConnectionHealth(of: descriptor), health.hasDataUnderWay else { continue }
            isBusy = true
            guard health.isDead(after: patience) else { continue }
            liveness.ended.insert(descriptor)
            clinux_end_connection(descriptor, cookie)
        }
        if isBusy { scheduleLook() } else { updateTraps() }
    }
}
