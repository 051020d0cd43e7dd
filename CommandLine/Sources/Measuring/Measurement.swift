// SPDX-License-Identifier: Apache-2.0

public import Shell

/// What a text is written on.
public struct Canvas: Sendable {
    /// Columns.
    public let width: Int
    /// What can be shown.
    public let glyphs: Glyphs
    /// Whether it is in colour.
    public let colours: Colours

    /// - Parameters:
    ///   - width: columns, at least 40.
    ///   - glyphs: what can be shown.
    ///   - colours: whether it is in colour.
    public init(width: Int, glyphs: Glyphs, colours: Colours) {
        (self.width, self.glyphs, self.colours) = (width, glyphs, colours)
    }
}

/// What has been measured, for people and for programs.
public protocol Measurement: Sendable {
    /// For people, with no line longer than the width.
    func lines(_ canvas: Canvas) -> [String]
    /// For programs.
    var json: JSONText { get }
}

extension SequenceFaults {
    /// - Parameter faults: nil where nothing is known of them.
    static func members(of faults: SequenceFaults?) -> [(name: String, value: JSONText)] {
        [
            (name: "lost", value: .count(faults?.lost)), (name: "doubled", value: .count(faults?.doubled)),
            (name: "reordered", value: .count(faults?.reordered)),
        ]
    }

    /// For people.
    static func line(of faults: SequenceFaults?, _ canvas: Canvas) -> String {
        guard let faults else { return "  whether any were lost is not known" }
        return "  " + (faults.isNone ? faults.text : canvas.colours.paint(faults.text, .red))
    }
}

extension JSONText {
    static func count(_ number: UInt64) -> JSONText { .integer(Int64(clamping: number)) }

    static func number(_ number: Double?) -> JSONText { number.map { .number($0) } ?? .null }

    static func count(_ number: UInt64?) -> JSONText { number.map { .count($0) } ?? .null }
}
