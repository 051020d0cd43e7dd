// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a terminal is made to show in colour: only a terminal, and not where NO_COLOR is set (no-color.org).
public struct Colours: Equatable, Sendable {
    /// A way to show a text.
    public enum Look: String, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    /// Whether there are any.
    public let isOn: Bool

    /// - Parameters:
    ///   - isTerminal: whether the output is one.
    ///   - noColor: the variable NO_COLOR, if it is set.
    ///   - terminal: the variable TERM, if it is set.
    public init(isTerminal: Bool, noColor: String?, terminal: String?) {
        isOn = isTerminal && (noColor ?? "").isEmpty && terminal != "dumb"
    }

    /// For standard output as it is.
    public static var ofOutput: Colours { of(STDOUT_FILENO) }

    /// For standard error as it is.
    public static var ofErrors: Colours { of(STDERR_FILENO) }

    private static func of(_ descriptor: Int32) -> Colours {
        Colours(isTerminal: isatty(descriptor) == 1, noColor: variable("NO_COLOR"), terminal: variable("TERM"))
    }

    /// The text, as it is to be written.
    public func paint(_ text: String, _ look: Look) -> String {
        isOn ? "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m" : text
    }
}

/// A variable of the environment.
public func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
}
