// SPDX-License-Identifier: Apache-2.0

// Who the peers are of which events tell.
extension SocketCore {
    /// Notes an event, and names the peer as far as it is known.
    func report(_ event: ZMQEvent, of peer: KnownPeer?) {
        var event = event
        event.name(peer)
        report(event)
    }

    /// Notes the identity of a peer, of which nothing else may be known.
    func note(_ identity: [UInt8]?, of peer: inout KnownPeer?) {
        guard let identity else { return }
        peer = peer ?? KnownPeer()
        peer?.identity = identity
    }

    /// Who is connected with a descriptor; nil if that is not known.
    ///
    /// - Parameter cookie: the kernel's name for the connection.
    func peer(of descriptor: Int32, cookie: UInt64) -> KnownPeer? {
        connecting.peer(of: descriptor, cookie: cookie) ?? bound.peer(of: descriptor, cookie: cookie)
    }
}
