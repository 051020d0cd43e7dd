// SPDX-License-Identifier: Apache-2.0

import CLinux

// What libzmq does not tell of the connections of a ROUTER.
extension SocketCore {
    /// From one look at them to the next, in nanoseconds.
    private static let lookInterval: Int64 = 200 * nanosecondsPerMillisecond

    /// A connection has been accepted.
    func noteConnection(_ descriptor: Int32) {
        guard let router = role.router else { return }
        router.untoldEnds.opened(.init(descriptor: descriptor, cookie: clinux_socket_cookie(descriptor)))
        if router.arrangeLook == nil { router.arrangeLook = { [weak self] in self?.arrangeLook() } }
    }

    /// One more peer is there, which may bring the identity of another one.
    func lookForUntoldEnds() {
        if role.router?.untoldEnds.beginLooking(at: true) == true { arrangeLook() }
    }

    private func arrangeLook() {
        let next = MonotonicInstant.now().advanced(byNanoseconds: Self.lookInterval)
        _ = context.supervisor.schedule(at: next) { [weak self] in self?.locked { self?.lookAtConnectionsOfRouter() } }
    }

    private func lookAtConnectionsOfRouter() {
        guard let router = role.router, !isClosed else { return }
        let (untold, again) = unsafe router.untoldEnds.look(isDrained: !possible(.readable).contains(.readable)) {
            clinux_socket_cookie($0.descriptor) == $0.cookie
        } isAlive: {
            clinux_is_connected($0.descriptor, $0.cookie) != 0
        }
        for connection in untold { endedUntold(connection.descriptor) }
        if again { arrangeLook() }
    }
}
