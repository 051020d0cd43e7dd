// SPDX-License-Identifier: Apache-2.0

/// Texts that strangers have chosen, such as names of files, topics and what peers say of themselves, as they may be
/// shown to a person.
public enum PrintableText {
    /// The text in one line, without what would move a terminal's cursor or turn the order of what is shown around:
    /// controls (C0, DEL, C1), format characters, separators of lines and paragraphs.
    ///
    /// - Parameter substitute: what each of them is replaced with.
    public static func inOneLine(_ text: String, substitute: Unicode.Scalar) -> String {
        var printable = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: printable.append(substitute)
            default: printable.append(scalar)
            }
        }
        return String(printable)
    }
}
