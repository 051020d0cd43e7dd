// SPDX-License-Identifier: Apache-2.0

/// A question as it came: its frames behind the empty one.
struct ZAPQuestion: Sendable {
    /// Empty where the password was.
    private(set) var frames: [[UInt8]]
    private(set) var password: SecretBytes?
    /// Over PLAIN. Over CURVE there is nothing at that place.
    private static let placeOfPassword = 7

    init(_ frames: [[UInt8]] = []) { self.frames = frames }

    /// Adds the next frame. What may be a password is in no array, and is wiped in the frame.
    mutating func add(_ frame: inout Frame) {
        let isPassword = frames.count == Self.placeOfPassword
        if isPassword { password = frame.takeSecret() }
        frames.append(isPassword ? [] : frame.bytes)
    }
}

/// What libzmq asks before it lets a peer in (RFC 27), read from its frames. Each byte of it may be wrong: whoever is
/// in the process can ask, too.
struct ZAPRequest {
    /// What the peer brings.
    enum Credentials {
        case none
        case password(username: [UInt8], password: SecretBytes)
        case key(ZMQCurvePublicKey)
    }

    /// To be sent back as it came.
    let number: [UInt8]
    let domain: [UInt8]
    let origin: PeerOrigin
    /// As libzmq writes it.
    let address: String
    let credentials: Credentials

    private static var version: [UInt8] { Array("1.0".utf8) }
    /// What libzmq has for it is one byte.
    private static let longestNumber = 255

    enum Reading {
        case request(ZAPRequest)
        /// It can be answered, with a no.
        case unreadable(number: [UInt8])
        /// It can not even be answered.
        case nothing
    }

    static func read(_ question: ZAPQuestion) -> Reading {
        let frames = question.frames
        guard frames.count >= 2, frames[0] == version, frames[1].count <= longestNumber else { return .nothing }
        let number = frames[1]
        guard frames.count >= 6, let credentials = credentials(question) else {
            return .unreadable(number: number)
        }
        let address = String(decoding: frames[3], as: UTF8.self)
        return .request(
            ZAPRequest(
                number: number,
                domain: frames[2],
                origin: PeerOrigin(address),
                address: address,
                credentials: credentials
            )
        )
    }

    private static func credentials(_ question: ZAPQuestion) -> Credentials? {
        let frames = question.frames
        switch (String(decoding: frames[5], as: UTF8.self), frames.count) {
        case ("NULL", 6):
            return Credentials.none
        case ("PLAIN", 8):
            // There was no memory for it.
            guard let password = question.password else { return nil }
            return .password(username: frames[6], password: password)
        case ("CURVE", 7):
            return (try? ZMQCurvePublicKey(bytes: frames[6])).map { .key($0) }
        default:
            return nil
        }
    }
}

/// The answer to a request: whether the peer may come in, and what is known of it then.
struct ZAPReply: Equatable {
    let number: [UInt8]
    let isAdmitted: Bool
    let reason: String
    let userID: String
    /// What libzmq adds to the peer's messages.
    let metadata: [(name: String, value: String)]

    static func == (left: ZAPReply, right: ZAPReply) -> Bool { left.frames == right.frames }

    static func admitted(_ number: [UInt8], _ peer: AdmittedPeer) -> ZAPReply {
        ZAPReply(
            number: number,
            isAdmitted: true,
            reason: "OK",
            userID: peer.userID,
            // Also where there is none: else the peer could say that it has one.
            metadata: [
                ("Public-Key", peer.publicKey?.text ?? ""), (AdmissionMark.name.description, AdmissionMark.text),
            ]
        )
    }

    static func refused(_ number: [UInt8], _ refusal: Refusal) -> ZAPReply {
        ZAPReply(number: number, isAdmitted: false, reason: refusal.reason, userID: "", metadata: [])
    }

    /// Those behind the empty one.
    var frames: [[UInt8]] {
        [
            Array("1.0".utf8), number, Array((isAdmitted ? "200" : "400").utf8), Array(reason.utf8), Array(userID.utf8),
            metadata.reduce(into: []) { bytes, property in
                bytes.append(UInt8(truncatingIfNeeded: property.name.utf8.count))
                bytes += property.name.utf8
                let count = UInt32(truncatingIfNeeded: property.value.utf8.count)
                bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
                bytes += property.value.utf8
            },
        ]
    }
}
