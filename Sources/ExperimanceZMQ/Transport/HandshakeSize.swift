// SPDX-License-Identifier: Apache-2.0

/// How much is said in a handshake at least, in bytes, by which the kernel's counts tell how far one has come.
struct HandshakeSize: Equatable {
    /// The last word of this side, behind which the handshake is done.
    struct Answer: Equatable {
        /// What has been written before it.
        let before: Int64
        /// A no is shorter.
        let least: Int64
    }

    /// How far a connection has come.
    enum Stage: Equatable {
        /// Its handshake has certainly not been done.
        case early
        /// That can not be told.
        case unclear
        /// This side has said no.
        case refused
        /// The handshake is done.
        case done
    }

    /// What comes in.
    let received: Int64
    /// Nil where the handshake is not done by what this side says.
    let answer: Answer?

    /// A greeting, and the shortest READY: the name of the command and the type of the socket.
    static let null = HandshakeSize(received: 64 + 2 + 6 + 19, answer: nil)

    /// A greeting, HELLO, and the shortest INITIATE: without it nobody has shown a key. What is written is a greeting,
    /// WELCOME, and READY, which has more than its name and what encryption adds. ERROR has less.
    static let curveServer = HandshakeSize(
        received: 64 + 2 + 200 + 2 + 257,
        answer: Answer(before: 64 + 2 + 168, least: 6 + 8 + 16)
    )

    static func of(_ security: ZMQSecurity?) -> HandshakeSize {
        if case .curveServer = security?.form { .curveServer } else { .null }
    }

    /// - Parameter written: what has been written; nil if that is not known.
    func stage(received: Int64, written: () -> Int64?) -> Stage {
        guard received >= self.received else { return .early }
        guard let answer, let written = written() else { return .unclear }
        switch written - answer.before {
        case ..<0: return .early
        // Where this side has made the connection, the kernel counts its first segment as a byte.
        case 0...1: return .unclear
        case 2..<answer.least: return .refused
        default: return .done
        }
    }
}
