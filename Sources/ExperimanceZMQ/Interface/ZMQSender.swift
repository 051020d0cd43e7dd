// SPDX-License-Identifier: Apache-2.0

/// The peer that a message has come from, as far as it is known.
public struct ZMQSender: Hashable, Sendable {
    /// Its numeric address; over ipc with user, group and process.
    public var address: String
    /// What it is, such as "PUSH".
    public var socketType: String
    /// The routing id it has chosen, up to a NUL; "" without one.
    public var identity: String
    /// As whom the server's authenticator has let it in; "" without one.
    public var userID: String
    /// Its key over CURVE, as text; "" without one, and where another handler than ``ZMQAuthenticator`` lets peers in.
    public var publicKey: String

    /// One that a test needs.
    public init(
        address: String,
        socketType: String,
        identity: String = "",
        userID: String = "",
        publicKey: String = ""
    ) {
        self.address = address
        self.socketType = socketType
        self.identity = identity
        self.userID = userID
        self.publicKey = publicKey
    }

    init?(of message: ReceivedMessage) {
        func text(_ property: SenderProperty) -> String? {
            unsafe message.withProperty(property) { unsafe $0.map { unsafe String(cString: $0) } }
        }
        guard let address = text(.peerAddress), let socketType = text(.socketType) else { return nil }
        self.init(
            address: address,
            socketType: socketType,
            identity: text(.identity) ?? "",
            userID: text(.userID) ?? "",
            publicKey: text(.publicKey) ?? ""
        )
    }
}

extension ZMQMessage {
    /// Who has sent it. Nil where nothing is known: within the process, of a message that was not received, and on a
    /// socket without ``ZMQSocketOptions/keepsSenders``.
    public var sender: ZMQSender? { batch.held(index).flatMap { ZMQSender(of: $0) } }
}
