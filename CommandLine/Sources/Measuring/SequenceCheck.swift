// SPDX-License-Identifier: Apache-2.0

/// What became of messages that are numbered from 0 on: which were lost, came twice, or out of order.
///
/// It remembers at most 1,024 gaps. Of those before them it no longer knows what is missing: a message of such a gap
/// that comes after all is counted as doubled, and stays lost.
public struct SequenceCheck: Equatable, Sendable {
    /// What a number tells.
    public enum Outcome: Equatable, Sendable {
        /// It is the next one, or one after it.
        case inOrder
        /// It was missing.
        case late
        /// It has come before.
        case doubled
    }

    private static let gapLimit = 1_024

    /// The one after the highest that has come.
    public private(set) var next: UInt64 = 0
    /// Numbers that are missing, the lowest first.
    private var gaps: [Range<UInt64>] = []
    /// Messages that came, each counted once.
    public private(set) var received: UInt64 = 0
    /// Those that came again.
    public private(set) var doubled: UInt64 = 0
    /// Those that came after one with a higher number.
    public private(set) var reordered: UInt64 = 0

    /// None has come.
    public init() {}

    /// Takes the number of a message that has come.
    @discardableResult
    public mutating func take(_ number: UInt64) -> Outcome {
        if number == next {
            next &+= 1
            received &+= 1
            return .inOrder
        }
        if number > next {
            miss(next..<number)
            next = number &+ 1
            received &+= 1
            return .inOrder
        }
        guard let index = gaps.firstIndex(where: { $0.contains(number) }) else {
            doubled &+= 1
            return .doubled
        }
        let gap = gaps[index]
        gaps.replaceSubrange(
            index...index,
            with: [gap.lowerBound..<number, number + 1..<gap.upperBound].filter { !$0.isEmpty }
        )
        reordered &+= 1
        received &+= 1
        return .late
    }

    /// What has not come of the first `sent`.
    public func lost(of sent: UInt64) -> UInt64 { sent > received ? sent - received : 0 }

    private mutating func miss(_ numbers: Range<UInt64>) {
        gaps.append(numbers)
        if gaps.count > Self.gapLimit { gaps.removeFirst() }
    }

    /// All of it, of so many that were sent.
    public func faults(of sent: UInt64) -> SequenceFaults {
        SequenceFaults(lost: lost(of: sent), doubled: doubled, reordered: reordered)
    }
}

/// What went wrong with numbered messages.
public struct SequenceFaults: Equatable, Sendable {
    /// They have not come.
    public var lost: UInt64
    /// They came again.
    public var doubled: UInt64
    /// They came after one that was sent later.
    public var reordered: UInt64

    /// - Parameters:
    ///   - lost: how many have not come.
    ///   - doubled: how many came again.
    ///   - reordered: how many came after one that was sent later.
    public init(lost: UInt64 = 0, doubled: UInt64 = 0, reordered: UInt64 = 0) {
        (self.lost, self.doubled, self.reordered) = (lost, doubled, reordered)
    }

    /// Whether nothing did.
    public var isNone: Bool { self == SequenceFaults() }

    /// In words.
    public var text: String {
        guard !isNone else { return "none lost, doubled or out of order" }
        return [(lost, "lost"), (doubled, "doubled"), (reordered, "out of order")]
            .filter { $0.0 > 0 }
            .map { "\(Figures.count($0.0)) \($0.1)" }
            .joined(separator: ", ")
    }
}
