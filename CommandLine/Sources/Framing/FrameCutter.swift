// SPDX-License-Identifier: Apache-2.0

/// Cuts a stream of bytes into frames: a line, what is in front of a zero, what a length counts, or all of it. It holds
/// one unfinished frame at most, of no more than `limit` bytes.
struct FrameCutter: Sendable {
    private let form: Form
    private let limit: Int
    private var held: [UInt8] = []
    /// What has been handed out of `held`.
    private var start = 0
    /// Up to where there is no end of a frame.
    private var searched = 0
    private(set) var isFinished = false
    /// Of the frame that comes next, from 1 on.
    private(set) var number = 1

    init(_ form: Form, limit: Int) {
        self.form = form
        self.limit = limit
    }

    mutating func feed(_ bytes: [UInt8]) {
        held.removeFirst(start)
        (start, searched) = (0, searched - start)
        held += bytes
    }

    /// Nothing will follow.
    mutating func finish() {
        isFinished = true
    }

    /// The next frame; nil if it is not there yet, or after the last.
    mutating func next() throws(FormError) -> ArraySlice<UInt8>? {
        let frame: ArraySlice<UInt8>? =
            switch form {
            case .raw: try nextWhole()
            case .length: try nextCounted()
            case .nul: try nextEnded(by: 0)
            case .lines, .hex, .json: try nextEnded(by: UInt8(ascii: "\n"))
            }
        if frame != nil { number += 1 }
        return frame
    }

    private mutating func nextEnded(by end: UInt8) throws(FormError) -> ArraySlice<UInt8>? {
        let found = held[searched...].firstIndex(of: end)
        try check((found ?? held.count) - start)
        if let found {
            defer { (start, searched) = (found + 1, found + 1) }
            return held[start..<found]
        }
        searched = held.count
        // A last line without its end is one, too.
        guard isFinished, start < held.count else { return nil }
        return takeRest()
    }

    private mutating func nextCounted() throws(FormError) -> ArraySlice<UInt8>? {
        let there = held.count - start
        guard there >= 4 else {
            if isFinished, there > 0 { throw FormError("\(name): the input ends within the length") }
            return nil
        }
        let length = held[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        try check(length)
        guard there >= 4 + length else {
            if isFinished { throw FormError("\(name): the input ends after \(there - 4) of \(length) bytes") }
            return nil
        }
        defer { (start, searched) = (start + 4 + length, start + 4 + length) }
        return held[start + 4..<start + 4 + length]
    }

    private mutating func nextWhole() throws(FormError) -> ArraySlice<UInt8>? {
        try check(held.count - start)
        guard isFinished, number == 1 else { return nil }
        return takeRest()
    }

    private mutating func takeRest() -> ArraySlice<UInt8> {
        defer { (start, searched) = (held.count, held.count) }
        return held[start...]
    }

    private func check(_ count: Int) throws(FormError) {
        guard count <= limit else {
            throw FormError("\(name) is longer than \(limit) bytes, the largest message: see --max-size")
        }
    }

    /// What a person finds the next frame by.
    var name: String {
        switch form {
        case .lines, .hex, .json: "line \(number) of the input"
        case .nul, .length: "frame \(number) of the input"
        case .raw: "the input"
        }
    }
}
