// SPDX-License-Identifier: Apache-2.0

/// What an authenticator has decided so far.
package struct AuthenticatorStatistics: Sendable, Equatable {
    package var admitted: UInt64 = 0
    private var refusals = [UInt64](repeating: 0, count: Refusal.allCases.count)
    /// Answers of the program that came when the peer had been refused already.
    package var lateDecisions: UInt64 = 0
    /// Peers about whom the program is being asked.
    package var pending: Int = 0
    /// Keys that are allowed.
    package var keys: Int = 0
    /// Files that are there and hold no key that can be read.
    package var unreadableFiles: Int = 0
    /// How often files have been found to allow other keys than before, or others of them to be unreadable.
    package var keyChanges: UInt64 = 0

    package var refused: UInt64 { refusals.reduce(0, &+) }

    package func refused(for reason: Refusal) -> UInt64 { refusals[reason.rawValue] }

    /// Those for which there is no reason of their own in the C interface.
    package var refusedOther: UInt64 { refused(for: .unreadable) &+ refused(for: .noAuthenticator) }

    package subscript(_ count: AuthenticatorCount) -> UInt64 {
        switch count {
        case .pending: UInt64(clamping: pending)
        case .accepted: admitted
        case .refused: refused
        case .refusedAddress: refused(for: .address)
        case .refusedUser: refused(for: .localUser)
        case .refusedKey: refused(for: .key)
        case .refusedPassword: refused(for: .password)
        case .refusedDecision: refused(for: .decision)
        case .refusedLate: refused(for: .late)
        case .refusedBusy: refused(for: .busy)
        case .refusedOther: refusedOther
        case .lateDecisions: lateDecisions
        case .keys: UInt64(clamping: keys)
        case .unreadableFiles: UInt64(clamping: unreadableFiles)
        case .keyChanges: keyChanges
        }
    }

    mutating func count(_ refusal: Refusal) { refusals[refusal.rawValue] &+= 1 }
}

/// What is counted, numbered as in C.
package enum AuthenticatorCount: Int32, CaseIterable, Sendable {
    case pending = 1
    case accepted = 2
    case refused = 3
    case refusedAddress = 4
    case refusedUser = 5
    case refusedKey = 6
    case refusedPassword = 7
    case refusedDecision = 8
    case refusedLate = 9
    case refusedBusy = 10
    case refusedOther = 11
    case lateDecisions = 12
    case keys = 13
    case unreadableFiles = 14
    case keyChanges = 15
}
