// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The handler of libzmq's questions (RFC 27) that a program has itself in a context.
final class ProgramHandler: Sendable {
    /// Odd while there is one.
    private let changes = Atomic<UInt64>(0)

    /// The one that is there, each by another number.
    var present: UInt64? {
        let number = changes.load(ordering: .acquiring)
        return number & 1 == 1 ? number : nil
    }

    /// To be called when libzmq has it.
    func comes() { turn(isThere: true) }

    /// To be called as long as libzmq has it.
    func goes() { turn(isThere: false) }

    /// There is one at a time, so none comes while another one goes.
    private func turn(isThere: Bool) {
        let number = changes.load(ordering: .acquiring)
        guard (number & 1 == 1) != isThere else { return }
        _ = changes.compareExchange(expected: number, desired: number &+ 1, ordering: .acquiringAndReleasing)
    }
}

/// What the numbers of libzmq's options have made of a socket's security, and whether the user ids of its peers are
/// somebody else's word than their own.
///
/// libzmq has a user id from the answer of the handler that it has asked, and from the peer where it has asked nobody.
/// A yes of this library has a mark (``AdmissionMark``). Without it a user id is believed where nobody can be a peer of
/// the socket who was not asked about.
struct SecurityByNumber {
    private enum Peers {
        /// There was no bind or connect.
        case none
        /// Nobody comes in unasked.
        case asked
        /// The same as long as that handler is there.
        case askedBy(UInt64)
        case unknown
    }

    /// The program has said whether peers come in where there is no handler.
    private(set) var isChosen = false
    /// They do not.
    private var isClosed = false
    private var peers = Peers.none
    /// Secrets that libzmq has: options, and bytes of the longest value of each.
    private var secrets: [Int32: Int] = [:]

    mutating func set(isClosed: Bool, isChosen: Bool) {
        self.isClosed = isClosed
        if isChosen { self.isChosen = true }
    }

    /// An option of security is to change. What was bound or connected before goes on as it was.
    mutating func willChange() {
        if case .none = peers { return }
        peers = .unknown
    }

    /// - Parameters:
    ///   - asksAboutAll: libzmq asks about each peer of such a socket, if there is anybody to ask.
    ///   - handler: the program's.
    mutating func peersMayCome(asksAboutAll: Bool, handler: UInt64?) {
        guard case .none = peers else { return }
        peers =
            switch (asksAboutAll, isClosed, handler) {
            case (true, true, _): .asked
            case (true, false, let handler?): .askedBy(handler)
            default: .unknown
            }
    }

    /// Whether the user ids of all peers are the word of whoever has let them in.
    ///
    /// - Parameter handler: the program's of now.
    func believesUserIDs(_ handler: @autoclosure () -> UInt64?) -> Bool {
        switch peers {
        case .none, .unknown: false
        case .asked: true
        case .askedBy(let former): handler() == former
        }
    }

    // MARK: Secrets

    /// An option has that value now.
    mutating func noteValue(of option: Int32, size: Int) {
        if OptionRule.isSecret(option) { secrets[option] = max(size, secrets[option] ?? 0) }
    }

    /// As ``ZMQSecurity/forgetSecrets(of:)``.
    func forgetSecrets(of socket: RawSocket) {
        for (option, size) in secrets { unsafe ZMQSecurity.overwrite(option, size: size, of: socket) }
    }
}
