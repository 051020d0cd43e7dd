// SPDX-License-Identifier: Apache-2.0

/// What a program is asked: whether this peer may come in.
package struct AuthRequest: Sendable {
    /// A numeric address; for a local peer `localhost:user:group:process`.
    package let address: String
    package let origin: PeerOrigin
    /// Over CURVE: the key that the peer has proved to have.
    package let publicKey: ZMQCurvePublicKey?
    /// Over PLAIN.
    package let username: String?
    package let password: SecretBytes?

    init(_ request: ZAPRequest) {
        address = request.address
        origin = request.origin
        switch request.credentials {
        case .none: (publicKey, username, password) = (nil, nil, nil)
        case .key(let key): (publicKey, username, password) = (key, nil, nil)
        case .password(let name, let secret):
            (publicKey, username, password) = (nil, String(decoding: name, as: UTF8.self), secret)
        }
    }
}

/// What a program answers.
package enum Decision: Sendable {
    case admit(userID: String)
    case refuse
}

/// How a program is asked.
package enum Decider: Sendable {
    /// A function that may block its thread.
    case function(@Sendable (AuthRequest) -> Decision)
    /// One that a task can wait for.
    case task(@Sendable (AuthRequest) async -> Decision)
}
