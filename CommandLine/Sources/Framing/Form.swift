// SPDX-License-Identifier: Apache-2.0

/// How messages stand in a stream of bytes.
public enum Form: String, CaseIterable, Sendable {
    /// A line each.
    case lines
    /// Each ends with a byte of zero.
    case nul
    /// In front of each its length: four bytes, the highest first.
    case length
    /// A line each, of hexadecimal digits.
    case hex
    /// A line each: `{"parts": ["…"]}`, with `"topic"` for the first part of what is published.
    case json
    /// As they are, with nothing between them: all of the input is one message.
    case raw
}

/// What is wrong with an input, or can not be written in a form.
public struct FormError: Error, Equatable, Sendable {
    /// In one line.
    public let message: String

    init(_ message: String) {
        self.message = message
    }
}
