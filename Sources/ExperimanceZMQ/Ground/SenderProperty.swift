// SPDX-License-Identifier: Apache-2.0

/// What can be known of the peer that a message has come from.
package enum SenderProperty: Int, CaseIterable, Sendable {
    case peerAddress
    case userID
    case socketType
    case identity
    case publicKey

    /// As libzmq has it.
    package var name: StaticString {
        switch self {
        case .peerAddress: "Peer-Address"
        case .userID: "User-Id"
        case .socketType: "Socket-Type"
        case .identity: "Identity"
        // The library's authenticator has libzmq know it.
        case .publicKey: "Public-Key"
        }
    }
}
