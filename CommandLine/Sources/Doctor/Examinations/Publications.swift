// SPDX-License-Identifier: Apache-2.0

/// What a publisher publishes, as far as it is of use to whoever misses something.
struct Publications {
    private static let mostShown = 5
    private static let longest = 40
    /// Messages to other topics after which the wanted one is not waited for any longer.
    private static let patience = 10_000

    private let wanted: String
    private var parts = 0
    private var count = 0
    private var topic: [UInt8] = []
    /// Topics that are not the wanted one.
    private(set) var others: [String] = []
    /// What was waited for, in words.
    private(set) var found: String?

    init(wanted: String) {
        self.wanted = wanted
    }

    /// So many others have come that the wanted one will hardly come.
    var isEnough: Bool { count >= Self.patience }

    /// Takes the next frame.
    mutating func take(_ frame: Frame) {
        guard !frame.isCommand else { return }
        if parts == 0 { topic = frame.beginning }
        parts += 1
        guard !frame.hasMore else { return }
        defer { parts = 0 }
        count += 1
        let name = Self.shown(topic)
        if topic.starts(with: wanted.utf8) {
            found = "\"\(name)\" has come, in \(parts) part\(parts == 1 ? "" : "s")"
        } else if others.count < Self.mostShown, !others.contains(name) {
            others.append(name)
        }
    }

    private static func shown(_ topic: [UInt8]) -> String {
        let text = String(decoding: topic.prefix(longest), as: UTF8.self)
        return topic.count > longest ? text + "…" : text
    }
}
