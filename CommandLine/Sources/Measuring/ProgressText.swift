// SPDX-License-Identifier: Apache-2.0

public import Shell

/// How far a measurement is, in one line of a terminal.
public struct ProgressText: Equatable, Sendable {
    private static let longestBar = 40
    private static let shortestBar = 5

    private let name: String
    private let extent: Extent
    private let done: UInt64
    private let elapsed: UInt64

    /// - Parameters:
    ///   - name: what is measured.
    ///   - extent: how long.
    ///   - done: messages up to now.
    ///   - elapsed: the time since the start, in nanoseconds.
    public init(_ name: String, _ extent: Extent, done: UInt64, elapsed: UInt64) {
        (self.name, self.extent, self.done, self.elapsed) = (name, extent, done, elapsed)
    }

    /// The line, never wider than `width` columns: without the bar where there is no room for it.
    public func line(width: Int, _ glyphs: Glyphs, _ colours: Colours) -> String {
        let share = extent.share(done: done, elapsed: elapsed)
        let percent = "\(Int(share * 100)) %"
        let rate = elapsed > 0 ? "\(Figures.rate(Double(done) / Double(elapsed) * 1e9))/s" : ""
        let left = timeLeft(share).map { "\($0) left" } ?? ""
        // What is least needed comes last, and is left out first.
        var words = [name, percent, rate, left].filter { !$0.isEmpty }
        while words.count > 1, words.joined(separator: "  ").count > width { words.removeLast() }
        let text = words.joined(separator: "  ")
        let room = min(Self.longestBar, width - text.count - 2)
        guard room >= Self.shortestBar else { return String(text.prefix(max(0, width))) }
        let bar = colours.paint(glyphs.track(share, width: room), .green)
        return ([words[0], bar] + words.dropFirst()).joined(separator: "  ")
    }

    /// In seconds; nil where nobody can know.
    private func timeLeft(_ share: Double) -> String? {
        guard share > 0, share < 1 else { return nil }
        let seconds = Double(elapsed) / 1e9 * (1 - share) / share
        return "\(Figures.fixed(seconds.rounded(.up), 0)) s"
    }
}
