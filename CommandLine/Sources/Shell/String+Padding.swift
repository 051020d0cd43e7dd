// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Where the text stands in a column that is wider.
    public enum Place: Sendable {
        /// With blanks behind it.
        case left
        /// With blanks in front of it.
        case right
    }

    /// With blanks, to so many characters; as it is where it has as many.
    public func padded(to width: Int, at place: Place) -> String {
        let blanks = String(repeating: " ", count: max(0, width - count))
        return place == .left ? self + blanks : blanks + self
    }
}
