// SPDX-License-Identifier: Apache-2.0

/// A process that has something, as far as it may be known.
public struct ProcessName: Equatable, Sendable {
    /// Its number; nil where only its user is known.
    let number: Int?
    /// What it is called; nil where that may not be known.
    let command: String?
    /// Whose it is.
    let user: String
    /// It does not run, as it was sent SIGSTOP or is being debugged.
    let isStopped: Bool

    init(number: Int?, command: String?, user: String, isStopped: Bool = false) {
        (self.number, self.command, self.user, self.isStopped) = (number, command, user, isStopped)
    }

    /// In words.
    var text: String {
        guard let number else { return "a process of user \(user), which only that user and root may look at" }
        return "\(command ?? "something") (process \(number), user \(user)\(isStopped ? ", stopped" : ""))"
    }
}
