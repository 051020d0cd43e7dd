// SPDX-License-Identifier: Apache-2.0

import CLinux

// Which connection of a ROUTER has which identity.
extension SocketCore {
    /// A ROUTER has heard from a connection: whose identity is it?
    ///
    /// - Parameters:
    ///   - identity: the first part of the message.
    ///   - frame: that part as it came; it may be empty then.
    func noteIdentity(
        _ identity: UnsafeRawBufferPointer,
        from origin: Frame.Origin,
        in frame: inout Frame,
        of router: RouterRole
    ) {
        // One that the peer has not chosen is nobody else's.
        guard let first = unsafe identity.first, first != 0, unsafe !router.isKnown(identity, from: origin) else {
            return
        }
        let hearing = unsafe router.heard(
            Array(identity),
            from: origin,
            cookie: clinux_socket_cookie(origin.descriptor),
            keeper: frame.origin == origin ? KeptFrame(&frame) : nil
        ) { clinux_is_connected($0.descriptor, $0.cookie) != 0 }
        letComeAgain(hearing.comingAgain)
        if let displaced = hearing.displaced { router.losesIdentity(displaced) }
        guard hearing.isTakenOver else { return }
        // The older one is rejected: it is not heard any more.
        var older = hearing.displaced.flatMap { peer(of: $0.descriptor, cookie: $0.cookie) }
        unsafe note(Array(identity), of: &older)
        report(ZMQEvent(.peerRejected, .identityTaken, endpoint: bound.first?.actual.string), of: older)
    }

    /// A connection is gone: those whose identity it had taken over are ended, so that their peers come again.
    ///
    /// - Parameter later: what has become of the descriptor since.
    func letComeAgain(after descriptor: Int32, later: MessageSources.LaterUse = .none) {
        guard let router = role.router else { return }
        letComeAgain(router.connectionIsGone(descriptor, later: later))
    }

    private func letComeAgain(_ passedOver: [RouterRole.Connection]) {
        for older in passedOver { clinux_end_connection(older.descriptor, older.cookie) }
    }
}
