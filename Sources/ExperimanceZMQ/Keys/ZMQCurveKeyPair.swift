// SPDX-License-Identifier: Apache-2.0

/// A CURVE key pair: a secret key, which stays with its owner, and the public key that belongs to it.
///
/// The secret key is in memory that is wiped when the last copy of the pair is gone. It is in no description, dump or
/// error. Pairs are equal where their public keys are.
public struct ZMQCurveKeyPair: Sendable {
    /// What the others know the owner by.
    public let publicKey: ZMQCurvePublicKey
    package let secretKey: SecretBytes

    /// A new pair.
    ///
    /// - Throws: `notSupported` where libzmq has no CURVE or the system no random numbers; `noMemory`.
    public init() throws(ZMQSocketError) {
        let secret = try SecretBytes(count: CurveKeyText.size) { (bytes) throws(ZMQSocketError) in
            try unsafe CurveCalls.fillAtRandom(bytes)
        }
        try self.init(secret)
    }

    /// The pair of a secret key.
    ///
    /// - Parameter secretKey: 40 characters of Z85. That text is the caller's, and is not wiped.
    /// - Throws: `invalid` for what is no key; `notSupported` where libzmq has no CURVE; `noMemory`.
    public init(secretKey: String) throws(ZMQSocketError) {
        var text = secretKey
        self = try text.withContiguousBytes { (bytes) throws(ZMQSocketError) in
            try unsafe Self(secretText: bytes, named: "secret_key")
        }
    }

    /// - Parameter name: what the error calls it.
    package init(secretText text: UnsafeRawBufferPointer, named name: String) throws(ZMQSocketError) {
        let secret = try SecretBytes(count: CurveKeyText.size) { (bytes) throws(ZMQSocketError) in
            try unsafe CurveKeyText.decode(text, into: bytes, named: name)
        }
        try self.init(secret)
    }

    private init(_ secret: SecretBytes) throws(ZMQSocketError) {
        secretKey = secret
        publicKey = try secret.withBytes { (bytes) throws(ZMQSocketError) in
            try ZMQCurvePublicKey { (room) throws(ZMQSocketError) in
                try unsafe CurveCalls.derivePublicKey(room, ofSecret: bytes)
            }
        }
    }

    /// The secret key as text, 40 characters of Z85: a copy that nobody wipes.
    public var exposedSecretKey: String {
        unsafe String(unsafeUninitializedCapacity: CurveKeyText.length) { room in
            unsafe writeSecretText(into: UnsafeMutableRawBufferPointer(room)) ? room.count : 0
        }
    }

    /// Writes the secret key as text into 40 bytes.
    ///
    /// - Returns: whether there was the room.
    package func writeSecretText(into room: UnsafeMutableRawBufferPointer) -> Bool {
        secretKey.withBytes { unsafe Z85.encode($0, into: room) }
    }
}

extension ZMQCurveKeyPair: Hashable {
    /// Whether both have the same public key, and so the same secret one.
    public static func == (left: Self, right: Self) -> Bool { left.publicKey == right.publicKey }

    /// By the public key.
    public func hash(into hasher: inout Hasher) { hasher.combine(publicKey) }
}

extension ZMQCurveKeyPair: CustomStringConvertible {
    /// The public key.
    public var description: String { "key pair of \(publicKey)" }
}
