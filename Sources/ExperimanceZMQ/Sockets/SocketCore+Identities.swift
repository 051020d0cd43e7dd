// SPDX-License-Identifier: Apache-2.0

import CLinux

// Which connection of a ROUTER has which identity.
extension SocketCore {
    /// A ROUTER has heard from a connection: whose identity is it?
    ///
    /// - Parameter identity: the first part of the message.
    func noteIdentity(_ identity: UnsafeRawBufferPointer, from descriptor: Int32, of router: RouterRole) {
        // One that the peer has not chosen is nobody else's.
        guard let first = identity.first, first != 0, !router.isKnown(identity, from: descriptor) else { return }
        let isTakenOver = router.heard(
            Array(identity),
            from: descriptor,
            cookie: clinux_socket_cookie(descriptor)
        ) { clinux_is_connected($0, $1) != 0 }
        guard isTakenOver else { return }
        report(ZMQEvent(.peerRejected, .identityTaken, endpoint: bound.first?.actual.string))
    }

    /// A connection is gone: those whose identity it had taken over are ended, so that their peers come again.
    func letComeAgain(after descriptor: Int32) {
        guard let router = role.router else { return }
        for older in router.connectionIsGone(descriptor) { clinux_end_connection(older.descriptor, older.cookie) }
    }
}
