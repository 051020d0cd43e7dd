// SPDX-License-Identifier: Apache-2.0

/// Numbers as a person reads them.
public enum Figures {
    /// `1,234,567`.
    public static func count(_ number: UInt64) -> String {
        var text = ""
        for (index, digit) in String(number).utf8.reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text += "," }
            text.unicodeScalars.append(UnicodeScalar(digit))
        }
        return String(text.reversed())
    }

    /// `1 message`, `2 messages`.
    public static func count(_ number: UInt64, _ name: String) -> String {
        "\(count(number)) \(name)\(number == 1 ? "" : "s")"
    }

    /// A time of so many nanoseconds, in three digits: `812 ns`, `1.23 µs`, `45.6 ms`.
    public static func time(_ nanoseconds: Double, _ glyphs: Glyphs) -> String {
        scaled(nanoseconds, by: 1_000, ["ns", glyphs.microseconds, "ms", "s"])
    }

    /// Bytes, in three digits: `64 B`, `1.23 MB`.
    public static func bytes(_ number: Double) -> String { scaled(number, by: 1_000, ["B", "kB", "MB", "GB", "TB"]) }

    /// How many in a second: `1,234,567`, `12.3`.
    public static func rate(_ perSecond: Double) -> String {
        guard perSecond.isFinite, perSecond < 1e15 else { return "-" }
        return perSecond < 1_000 ? digits(perSecond) : count(UInt64(perSecond.rounded()))
    }

    /// A part of a whole in percent: `63.1 %`; more than nothing is never 0, and less than all never 100.
    public static func share(_ part: UInt64, of whole: UInt64) -> String {
        guard whole > 0 else { return "-" }
        let tenths = (Double(part) / Double(whole) * 1_000).rounded()
        if part > 0, tenths < 1 { return "<0.1 %" }
        if part < whole, tenths >= 1_000 { return ">99.9 %" }
        return "\(fixed(tenths / 10, 1)) %"
    }

    private static func scaled(_ number: Double, by step: Double, _ units: [String]) -> String {
        guard number.isFinite, number >= 0 else { return "-" }
        var (number, unit) = (number, 0)
        // What would be shown as 1000 is 1 of the next.
        while unit + 1 < units.count, number.rounded() >= step {
            number /= step
            unit += 1
        }
        return "\(unit == 0 ? fixed(number, 0) : digits(number)) \(units[unit])"
    }

    /// In three digits, or as many as there are in front of the point.
    private static func digits(_ number: Double) -> String {
        switch number {
        case ..<9.995: fixed(number, 2)
        case ..<99.95: fixed(number, 1)
        default: fixed(number, 0)
        }
    }

    /// With so many digits behind the point.
    static func fixed(_ number: Double, _ places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        guard number.isFinite, number >= 0, number * scale < 1e15 else { return "-" }
        let (whole, rest) = UInt64((number * scale).rounded()).quotientAndRemainder(dividingBy: UInt64(scale))
        guard places > 0 else { return String(whole) }
        let behind = String(rest)
        return "\(whole)." + String(repeating: "0", count: places - behind.utf8.count) + behind
    }
}
