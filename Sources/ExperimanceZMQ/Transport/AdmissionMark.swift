// SPDX-License-Identifier: Apache-2.0

import LibC

/// What tells a peer that was let in from one that says so.
///
/// libzmq puts what a peer claims of itself in its handshake beside what the one who let it in knows of it, under any
/// name the peer likes, and nobody is asked about peers of sockets without security. So each yes comes with a word that
/// is known in this process alone; who a peer is counts where that is there.
enum AdmissionMark {
    static let name: StaticString = "Admission-Mark"
    static let text = String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max))

    static func prepare() { _ = text }

    /// Whether a name that libzmq has for a peer is the server's own knowledge.
    ///
    /// - Parameters:
    ///   - mark: what the peer was let in with, or says it was.
    ///   - believesUserIDs: they are from the program's own handler, which has no such word.
    static func vouches(
        for property: SenderProperty,
        mark: UnsafePointer<CChar>?,
        believesUserIDs: Bool
    ) -> Bool {
        guard property == .userID || property == .publicKey else { return true }
        if let mark = unsafe mark, unsafe text.withCString({ unsafe strcmp($0, mark) == 0 }) { return true }
        return property == .userID && believesUserIDs
    }
}
