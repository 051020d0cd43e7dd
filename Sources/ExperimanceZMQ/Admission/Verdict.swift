// SPDX-License-Identifier: Apache-2.0

/// A peer that was let in, as far as it is known.
package struct AdmittedPeer: Hashable, Sendable {
    /// "" where nobody has given it one.
    package let userID: String
    /// Its key, where it has proved that it has one.
    package let publicKey: ZMQCurvePublicKey?

    /// The longest user id, in bytes.
    package static let longestUserID = 255

    static func canHave(userID: String) -> Bool {
        userID.utf8.count <= longestUserID && !userID.utf8.contains(0)
    }

    package init(userID: String, publicKey: ZMQCurvePublicKey? = nil) {
        self.userID = userID
        self.publicKey = publicKey
    }
}

/// Why a peer was not let in.
package enum Refusal: Int, CaseIterable, Sendable {
    case noAuthenticator
    case address
    case localUser
    case key
    case password
    case decision
    case late
    case busy
    case unreadable

    /// For whoever reads the server's events; the peer is told no more than that it was refused.
    package var reason: String {
        switch self {
        case .noAuthenticator: "the context has no authenticator, and this socket lets nobody in without one"
        case .address: "the peer's address is not allowed"
        case .localUser: "the peer's user and groups are not allowed"
        case .key: "the peer's key is not allowed"
        case .password: "the peer's name and password are not allowed"
        case .decision: "the decision of the program was no"
        case .late: "the decision of the program did not come in time"
        case .busy: "too many decisions of the program are waited for"
        case .unreadable: "what the peer says of itself can not be read"
        }
    }
}

/// What the rules say of a peer.
enum Verdict: Equatable {
    case admitted(AdmittedPeer)
    case refused(Refusal)
    /// No rule speaks of it: the program is to decide.
    case undecided
}
