// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a person is told beside the output: on standard error, a line each.
public enum Notices {
    /// Writes a line. Where it can not be written nobody can be told, and the command goes on.
    public static func write(_ message: String) {
        draw("\(Colours.ofErrors.paint("exz:", .bold)) \(inOneLine(message))\n")
    }

    /// Writes something as it is, such as a line that is going to be written anew.
    public static func draw(_ text: String) {
        var line = Array(text.utf8)[...]
        while !line.isEmpty {
            let written = unsafe line.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written > 0 {
                line = line.dropFirst(written)
            } else if written == 0 || errno != EINTR {
                return
            }
        }
    }

    /// The text without what would move a terminal's cursor: a name of a file or a topic may have anything in it.
    public static func inOneLine(_ text: String) -> String { PrintableText.inOneLine(text, substitute: " ") }
}

/// The system's words for an errno.
public func describe(_ number: Int32) -> String {
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
}
