// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    /// To be called before anybody could come in.
    func peersMayCome() {
        announceClosedDoor()
        guard let socket = unsafe socket, options.security == nil else { return }
        let (mechanism, isServer) = unsafe ZMQ.security(of: socket)
        securityByNumber.peersMayCome(
            asksAboutAll: mechanism == "NULL" || isServer,
            handler: context.programHandler.present
        )
    }

    /// Whether libzmq has the user ids of the socket's peers from the program's own handler, and not from them.
    var believesUserIDs: Bool { securityByNumber.believesUserIDs(context.programHandler.present) }
}
