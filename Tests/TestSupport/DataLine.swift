// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A case that all languages are tested with: a line of a file in `Tests/data`, whose README.md has the form of lines.
public struct DataLine: CustomStringConvertible, Sendable {
    /// A line that is broken: it fails the test that reads it.
    public struct Broken: Error, CustomStringConvertible {
        /// Where, and what is wrong.
        public let description: String
    }

    /// The columns as they are written, with their escapes.
    public let columns: [String]
    private let place: String

    /// Where the line is, and what it says.
    public var description: String { "\(place): \(columns.joined(separator: " | ").prefix(100))" }

    /// The lines of a file that are tested in Swift.
    ///
    /// - Throws: ``Broken`` for a line with another number of columns, or one that is broken otherwise, and for a file
    ///   with no line for Swift.
    public static func read(_ file: String, columns: Int) throws -> [DataLine] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../data")
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        guard text.hasSuffix("\n") else { throw Broken(description: "\(file) has no end of its last line") }
        var lines: [DataLine] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            let line = try DataLine(String(line), at: "line \(number + 1) of \(file)", columns: columns)
            if try line.isForSwift { lines.append(line) }
        }
        guard !lines.isEmpty else { throw Broken(description: "\(file) has no line for Swift") }
        return lines
    }

    private init(_ line: String, at place: String, columns count: Int) throws {
        self.place = place
        columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        try check(columns.count == count, "it has \(columns.count) columns, not \(count)")
        for column in columns {
            try check(!column.isEmpty && column.utf8.allSatisfy { 0x20...0x7E ~= $0 }, "a column is empty or no ASCII")
            try check(!column.hasPrefix(" ") && !column.hasSuffix(" "), "a column begins or ends with a space")
        }
    }

    /// The value, or an error that names the line and says what should have been there.
    public func require<Value>(_ value: Value?, _ expected: @autoclosure () -> String) throws -> Value {
        guard let value else { throw Broken(description: "\(place): \(expected())") }
        return value
    }

    private func check(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
        guard condition else { throw Broken(description: "\(place): \(reason())") }
    }

    private var isForSwift: Bool {
        get throws {
            let last = columns[columns.count - 1]
            if last == "all" { return true }
            let match = last.wholeMatch(of: /((?:c|swift|python)(?:,(?:c|swift|python))*): .+/)
            let languages = try require(match, "\"\(last)\" does not say in which languages, and why not in others").1
            return languages.split(separator: ",").contains("swift")
        }
    }

    /// What the text in a column, or in a part of one, stands for.
    public func text(_ written: String) throws -> String {
        try require(String(validating: bytes(written), as: UTF8.self), "\"\(written)\" is no text in Swift")
    }

    /// What the escapes in a text stand for.
    public func bytes(_ written: String) throws -> [UInt8] {
        var rest = written[...]
        var result: [UInt8] = []
        while !rest.isEmpty {
            let pattern = /\\e|\\\{(?<repeated>\\x[0-9A-F]{2}|\\\\|[^\\])\*(?<times>\d+)\}|\\x[0-9A-F]{2}|\\\\|[^\\]/
            let match = try require(rest.prefixMatch(of: pattern), "there is no such escape: \(rest)")
            rest.removeFirst(match.0.count)
            if let repeated = match.repeated, let times = match.times {
                let count = try require(Int(times), "\(times) is no number of times")
                try check(1..<1 << 24 ~= count, "\(times) is no sensible number of times")
                result += try [UInt8](repeating: byte(repeated), count: count)
            } else if match.0 != "\\e" {
                try result.append(byte(match.0))
            }
        }
        return result
    }

    /// A byte written in digits, or as itself; a backslash is written as two.
    private func byte(_ written: Substring) throws -> UInt8 {
        let byte = written.hasPrefix("\\x") ? UInt8(written.dropFirst(2), radix: 16) : written.utf8.last
        return try require(byte, "\(written) is no byte")
    }
}
