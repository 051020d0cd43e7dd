// SPDX-License-Identifier: Apache-2.0

/// What the end of a command says to the shell.
public enum ExitStatus: Int32, Sendable {
    /// It has done what it was asked.
    case done = 0
    /// It could not, and standard error says why.
    case failed = 1
    /// What it was asked makes no sense.
    case usage = 2
    /// The time was up.
    case timedOut = 3
}

/// Ends a command that has told already why it has failed.
public struct AlreadyTold: Error {
    /// What the shell is told.
    public let status: ExitStatus

    /// All has been said.
    public init(_ status: ExitStatus = .failed) {
        self.status = status
    }
}

/// What ends a command early: a status, and a sentence that says what, and how.
public struct Failure: Error, Equatable, Sendable {
    /// What the shell is told.
    public let status: ExitStatus
    /// What a person is told, in one line.
    public let message: String

    /// - Parameters:
    ///   - status: what the shell is told.
    ///   - message: what a person is told.
    public init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}
