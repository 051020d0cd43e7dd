// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ
import LibC

@implementation @_cdecl("exz_security_init")
public func exz_security_init(_ security: UnsafeMutablePointer<exz_security>!) -> exz_status {
    guard let security = unsafe security else { return failed(.invalid) }
    unsafe security.pointee = exz_security()
    unsafe security.pointee.size = UInt32(MemoryLayout<exz_security>.size)
    return Code.ok.rawValue
}

/// The fields of C's struct, where each mechanism uses some, and the others must be NULL. What has been read is
/// cleared, so the rest is what was set and is of no use.
@safe
struct SecurityFields {
    private typealias Text = UnsafePointer<CChar>?

    private static let knownFlags = EXZ_SECURITY_ANYBODY

    private var fields: exz_security

    /// - Returns: nil for NULL, and for a struct that says none.
    static func security(_ pointer: UnsafePointer<exz_security>?) throws(ZMQSocketError) -> ZMQSecurity? {
        guard let pointer = unsafe pointer else { return nil }
        try unsafe checkSize(of: pointer, "exz_security", hint: "EXZ_SECURITY_INIT")
        var fields = unsafe SecurityFields(fields: pointer.pointee)
        return try fields.security()
    }

    private mutating func security() throws(ZMQSocketError) -> ZMQSecurity? {
        guard unsafe fields.flags & ~Self.knownFlags == 0 else {
            throw .invalid(unsafe "security.flags has unknown bits: \(fields.flags)")
        }
        let security: ZMQSecurity?
        switch unsafe Int(fields.mechanism) {
        case EXZ_SECURITY_NONE: security = nil
        case EXZ_SECURITY_CURVE_CLIENT:
            let keys = try pair(needsBoth: true)
            security = .curveClient(keys, serverKey: try unsafe publicKey(\.server_key, "server_key"))
        case EXZ_SECURITY_CURVE_SERVER:
            security = .curveServer(try pair(needsBoth: false), admitting: takesAnybody() ? .anybody : .allowed)
        case EXZ_SECURITY_PLAIN_CLIENT:
            let (username, password) = unsafe (try bytes(\.username, "username"), try bytes(\.password, "password"))
            security = try unsafe .plainClient(username: Array(username), password: password)
        case EXZ_SECURITY_PLAIN_SERVER: security = .plainServer
        case EXZ_SECURITY_GUARDED: security = .guarded
        default: throw .invalid(unsafe "security.mechanism is \(fields.mechanism), which is not one of EXZ_SECURITY_…")
        }
        try checkUnused()
        return security
    }

    /// The socket's own keys.
    private mutating func pair(needsBoth: Bool) throws(ZMQSocketError) -> ZMQCurveKeyPair {
        let secretText = try unsafe bytes(\.secret_key, "secret_key")
        let pair = try unsafe ZMQCurveKeyPair(secretText: secretText, named: "security.secret_key")
        guard unsafe needsBoth || fields.public_key != nil else { return pair }
        guard try unsafe publicKey(\.public_key, "public_key") == pair.publicKey else {
            throw .invalid("security.public_key is not the one that belongs to secret_key")
        }
        return pair
    }

    private mutating func publicKey(
        _ field: WritableKeyPath<exz_security, Text>,
        _ name: String
    ) throws(ZMQSocketError) -> ZMQCurvePublicKey {
        try unsafe ZMQCurvePublicKey(text: bytes(field, name), named: "security.\(name)")
    }

    /// The bytes of a text, which has to be there, without its NUL.
    private mutating func bytes(
        _ field: WritableKeyPath<exz_security, Text>,
        _ name: String
    ) throws(ZMQSocketError) -> UnsafeRawBufferPointer {
        guard let start = unsafe fields[keyPath: field] else {
            throw .invalid("security.\(name) is NULL, which this mechanism needs")
        }
        unsafe fields[keyPath: field] = nil
        return unsafe shortBytes(of: start)
    }

    private mutating func takesAnybody() -> Bool {
        defer { unsafe fields.flags &= ~EXZ_SECURITY_ANYBODY }
        return unsafe fields.flags & EXZ_SECURITY_ANYBODY != 0
    }

    private func checkUnused() throws(ZMQSocketError) {
        let unused: [(String, Bool)] = unsafe [
            ("public_key", fields.public_key == nil),
            ("secret_key", fields.secret_key == nil),
            ("server_key", fields.server_key == nil),
            ("username", fields.username == nil),
            ("password", fields.password == nil),
            ("flags", fields.flags == 0),
        ]
        for (name, isClear) in unused where !isClear {
            throw .invalid("security.\(name) is set, which this mechanism does not use")
        }
    }
}

/// The bytes of a text that has to be short, without its NUL: of a longer one the beginning, which is too long as well.
func shortBytes(of text: UnsafePointer<CChar>) -> UnsafeRawBufferPointer {
    let longest = 1_024
    return unsafe UnsafeRawBufferPointer(start: text, count: strnlen(text, longest))
}
