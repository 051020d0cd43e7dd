// SPDX-License-Identifier: Apache-2.0

extension ZMQCurvePublicKey {
    /// The key in a file of this library, czmq or pyzmq, with a secret key in it or without.
    ///
    /// - Parameter path: the file.
    /// - Throws: `invalid` for a file that is not there or has no keys in it; `permission` for one that may not be
    ///   read, and for one with a secret key that others than its owner may read or write.
    public init(contentsOf path: String) throws(ZMQSocketError) {
        self = try CurveKeyFile.load(path).publicKey
    }
}

extension ZMQCurveKeyPair {
    /// The pair in a file that this library, czmq or pyzmq has written (`NAME.key_secret`).
    ///
    /// - Parameter path: the file.
    /// - Throws: `invalid` for a file that is not there, or has no secret key in it; `permission` for one that may not
    ///   be read, or that others than its owner may read or write; `notSupported` where libzmq has no CURVE.
    public init(contentsOf path: String) throws(ZMQSocketError) {
        guard let pair = try CurveKeyFile.load(path).pair else {
            throw ZMQSocketError(.invalid, message: "\(String(printable: path.utf8)) has a public key only")
        }
        self = pair
    }

    /// Writes the pair into files, in the form of czmq and pyzmq: `PATH.key` with the public key, for everybody, and
    /// `PATH.key_secret` with both, which nobody but the owner may read at any moment. A file that is there already is
    /// left alone.
    ///
    /// - Parameter path: where, without the endings.
    /// - Throws: `state` for a file that is there already; `invalid` for a directory that is not there; `permission`;
    ///   `limit` without room or a descriptor; `noMemory`.
    public func write(to path: String) throws(ZMQSocketError) {
        try CurveKeyFile.save(publicKey, self, at: path)
    }
}
