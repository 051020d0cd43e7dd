// SPDX-License-Identifier: Apache-2.0

/// A time as a person writes it: `250ms`, `2s`, `1.5`, `3m`, `1h`. Without a unit it is in seconds.
public enum TimeText {
    private static let units: [(name: String, milliseconds: Double)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]

    /// The time; nil for what is none, is negative, or is longer than 24 days, the longest the library knows.
    public static func parse(_ text: String) -> Duration? {
        let unit = units.first { text.hasSuffix($0.name) }
        let number = text.dropLast(unit?.name.utf8.count ?? 0)
        // What else Double reads, such as "0x10" and "1e3", is no time.
        guard number.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (48...57).contains($0) }), let value = Double(number)
        else { return nil }
        let milliseconds = value * (unit?.milliseconds ?? 1_000)
        guard milliseconds >= 0, milliseconds <= Double(Int32.max) else { return nil }
        return .microseconds(Int64(milliseconds * 1_000))
    }

    /// The time as it would be written.
    public static func write(_ time: Duration) -> String {
        let (seconds, attoseconds) = time.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if seconds == 0 { return "\(milliseconds) ms" }
        return milliseconds == 0 ? "\(seconds) s" : "\(seconds).\(padded(milliseconds)) s"
    }

    private static func padded(_ milliseconds: Int64) -> String {
        var digits = String(milliseconds)
        while digits.utf8.count < 3 { digits = "0" + digits }
        while digits.hasSuffix("0") { digits.removeLast() }
        return digits
    }
}
