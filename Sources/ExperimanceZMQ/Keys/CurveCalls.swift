// SPDX-License-Identifier: Apache-2.0

import CLinux
import CZeroMQ
import LibC

/// What libzmq and the system do for keys.
enum CurveCalls {
    private static var isSupported: Bool { unsafe zmq_has("curve") == 1 }

    private static var notSupported: ZMQSocketError {
        ZMQSocketError(.notSupported, message: "this libzmq was built without CURVE")
    }

    /// Writes the public key of a secret one.
    static func derivePublicKey(
        _ publicKey: UnsafeMutableRawBufferPointer,
        ofSecret secret: UnsafeRawBufferPointer
    ) throws(ZMQSocketError) {
        let length = CurveKeyText.length
        try SecretBytes.withTemporary(count: 2 * (length + 1)) { (room) throws(ZMQSocketError) in
            let publicText = unsafe UnsafeMutableRawBufferPointer(rebasing: room[..<length])
            let secretText = unsafe UnsafeMutableRawBufferPointer(rebasing: room[(length + 1)...].prefix(length))
            unsafe room[length] = 0
            unsafe room[2 * length + 1] = 0
            guard unsafe Z85.encode(secret, into: secretText),
                let start = unsafe room.baseAddress?.assumingMemoryBound(to: CChar.self)
            else { throw ZMQSocketError(.invalid, message: "a secret key has \(CurveKeyText.size) bytes") }
            let number = unsafe derive(start, start + length + 1)
            guard number == 0 else {
                throw isSupported ? ZMQSocketError(errno: number, doing: "libzmq makes no public key") : notSupported
            }
            try unsafe CurveKeyText.decode(UnsafeRawBufferPointer(publicText), into: publicKey, named: "public_key")
        }
    }

    /// - Returns: 0, or an errno.
    private static func derive(_ publicText: UnsafeMutablePointer<CChar>, _ secretText: UnsafePointer<CChar>) -> Int32 {
        // What libzmq encrypts with is set up under a lock of the process.
        clinux_hold_off_forks()
        defer { clinux_let_forks() }
        return unsafe zmq_curve_public(publicText, secretText) == 0 ? 0 : errno
    }

    /// Bytes that nobody can guess. libzmq's own way to them ends the process where the system gives none.
    static func fillAtRandom(_ buffer: UnsafeMutableRawBufferPointer) throws(ZMQSocketError) {
        guard let start = buffer.baseAddress else { return }
        let number = unsafe clinux_random(start, buffer.count)
        guard number == 0 else {
            throw ZMQSocketError(errno: number, doing: "the system gives no random numbers")
        }
    }
}
