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

    package var refused: UInt64 { refusals.reduce(0, &+) }

    package func refused(for reason: Refusal) -> UInt64 { refusals[reason.rawValue] }

    mutating func count(_ refusal: Refusal) { refusals[refusal.rawValue] &+= 1 }
}
