// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ
import LibC

@implementation @_cdecl("exz_curve_keypair")
public func exz_curve_keypair(
    _ public_key: UnsafeMutablePointer<CChar>!,
    _ secret_key: UnsafeMutablePointer<CChar>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let public_key = unsafe public_key else { throw .invalid("public_key is NULL") }
        guard let secret_key = unsafe secret_key else { throw .invalid("secret_key is NULL") }
        let pair = try ZMQCurveKeyPair()
        unsafe write(pair.publicKey, to: public_key)
        unsafe write(pair, to: secret_key)
    }
}

@implementation @_cdecl("exz_curve_public")
public func exz_curve_public(
    _ public_key: UnsafeMutablePointer<CChar>!,
    _ secret_key: UnsafePointer<CChar>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let public_key = unsafe public_key else { throw .invalid("public_key is NULL") }
        guard let pair = try unsafe pair(secret_key) else { throw .invalid("secret_key is NULL") }
        unsafe write(pair.publicKey, to: public_key)
    }
}

@implementation @_cdecl("exz_curve_encode")
public func exz_curve_encode(
    _ text: UnsafeMutablePointer<CChar>!,
    _ capacity: Int,
    _ data: UnsafeRawPointer!,
    _ size: Int
) -> exz_status {
    status { () throws(ZMQSocketError) in
        let bytes = try unsafe bytes(data, size, "data")
        let room = try unsafe room(text, capacity)
        guard let count = Z85.textCount(forBytes: bytes.count) else {
            throw .invalid("size is \(size), it must be a multiple of 4")
        }
        guard count < room.count else { throw ZMQSocketError(.tooSmall) }
        _ = unsafe Z85.encode(bytes, into: UnsafeMutableRawBufferPointer(rebasing: room[..<count]))
        unsafe room[count] = 0
    }
}

@implementation @_cdecl("exz_curve_decode")
public func exz_curve_decode(
    _ size: UnsafeMutablePointer<Int>!,
    _ data: UnsafeMutableRawPointer!,
    _ capacity: Int,
    _ text: UnsafePointer<CChar>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let size = unsafe size else { throw .invalid("size is NULL") }
        guard let text = unsafe text else { throw .invalid("text is NULL") }
        let room = try unsafe room(data, capacity)
        let characters = unsafe UnsafeRawBufferPointer(start: text, count: strlen(text))
        guard let count = Z85.byteCount(forText: characters.count), unsafe Z85.isText(characters) else {
            throw .invalid("text is not Z85 (RFC 32)")
        }
        unsafe size.pointee = count
        guard count <= room.count else { throw ZMQSocketError(.tooSmall) }
        _ = unsafe Z85.decode(characters, into: UnsafeMutableRawBufferPointer(rebasing: room[..<count]))
    }
}

@implementation @_cdecl("exz_curve_save")
public func exz_curve_save(
    _ path: UnsafePointer<CChar>!,
    _ public_key: UnsafePointer<CChar>!,
    _ secret_key: UnsafePointer<CChar>!,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe status(err) { () throws(ZMQSocketError) in
        let path = try unsafe filePath(path)
        let pair = try unsafe pair(secret_key)
        let publicKey =
            if let public_key = unsafe public_key {
                try unsafe ZMQCurvePublicKey(text: shortBytes(of: public_key), named: "public_key")
            } else {
                pair?.publicKey
            }
        guard let publicKey else { throw .invalid("public_key and secret_key are NULL: one is needed") }
        guard pair == nil || pair?.publicKey == publicKey else {
            throw .invalid("public_key is not the one that belongs to secret_key")
        }
        try CurveKeyFile.save(publicKey, pair, at: path)
    }
}

@implementation @_cdecl("exz_curve_load")
public func exz_curve_load(
    _ public_key: UnsafeMutablePointer<CChar>!,
    _ secret_key: UnsafeMutablePointer<CChar>!,
    _ path: UnsafePointer<CChar>!,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe status(err) { () throws(ZMQSocketError) in
        guard let public_key = unsafe public_key else { throw .invalid("public_key is NULL") }
        let (publicKey, pair, _) = try unsafe CurveKeyFile.load(filePath(path))
        unsafe write(publicKey, to: public_key)
        guard let secret_key = unsafe secret_key else { return }
        if let pair { unsafe write(pair, to: secret_key) } else { unsafe secret_key.pointee = 0 }
    }
}

/// The path of a file, which must be there, and be UTF-8; of no more bytes than the system takes.
func filePath(_ pointer: UnsafePointer<CChar>?) throws(ZMQSocketError) -> String {
    guard let pointer = unsafe pointer else { throw .invalid("path is NULL") }
    guard unsafe strnlen(pointer, Int(PATH_MAX)) < Int(PATH_MAX) else { throw .invalid("path is too long") }
    guard let text = unsafe String(validatingCString: pointer) else { throw .invalid("path is not UTF-8") }
    return text
}

/// The pair of a secret key; nil for NULL.
private func pair(_ secret_key: UnsafePointer<CChar>?) throws(ZMQSocketError) -> ZMQCurveKeyPair? {
    guard let secret_key = unsafe secret_key else { return nil }
    return try unsafe ZMQCurveKeyPair(secretText: shortBytes(of: secret_key), named: "secret_key")
}

/// Writes a key as a C string of EXZ_CURVE_TEXT_SIZE bytes.
private func write(_ key: ZMQCurvePublicKey, to text: UnsafeMutablePointer<CChar>) {
    let room = unsafe UnsafeMutableRawBufferPointer(start: text, count: Int(EXZ_CURVE_TEXT_SIZE) - 1)
    key.withBytes { _ = unsafe Z85.encode($0, into: room) }
    unsafe text[room.count] = 0
}

private func write(_ pair: ZMQCurveKeyPair, to text: UnsafeMutablePointer<CChar>) {
    let room = unsafe UnsafeMutableRawBufferPointer(start: text, count: Int(EXZ_CURVE_TEXT_SIZE) - 1)
    _ = unsafe pair.writeSecretText(into: room)
    unsafe text[room.count] = 0
}
