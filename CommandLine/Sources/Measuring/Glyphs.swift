// SPDX-License-Identifier: Apache-2.0

/// What a terminal can show: more than ASCII only where its locale says that it is UTF-8.
public enum Glyphs: Sendable {
    /// All of UTF-8.
    case unicode
    /// Nothing but ASCII.
    case ascii

    /// - Parameter variable: looks up a variable of the environment. The first that is set and not empty counts, as
    ///   everywhere (locale(7)): LC_ALL, LC_CTYPE, LANG.
    public init(environment variable: (String) -> String?) {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first { !$0.isEmpty } ?? ""
        let charset = locale.lowercased().filter { $0 != "-" }
        self = charset.contains("utf8") ? .unicode : .ascii
    }

    var microseconds: String { self == .unicode ? "µs" : "us" }

    var edge: String { self == .unicode ? "│" : "|" }

    /// A bar that is `share` of `width` columns long; what is more than nothing is seen.
    ///
    /// - Parameter share: from 0 to 1.
    func bar(_ share: Double, width: Int) -> String {
        guard share.isFinite, share > 0, width > 0 else { return "" }
        let length = min(share, 1) * Double(width)
        guard self == .unicode else { return String(repeating: "#", count: max(1, Int(length.rounded()))) }
        let eighths = max(1, Int((length * 8).rounded()))
        let rest = eighths % 8
        let end = rest > 0 ? ["▏", "▎", "▍", "▌", "▋", "▊", "▉"][rest - 1] : ""
        return String(repeating: "█", count: eighths / 8) + end
    }

    /// A bar of `width` columns of which `share` is full.
    func track(_ share: Double, width: Int) -> String {
        guard width > 0 else { return "" }
        let full = min(max(Int((share.isFinite ? share : 0) * Double(width)), 0), width)
        let (done, open) = self == .unicode ? ("█", "░") : ("#", ".")
        return String(repeating: done, count: full) + String(repeating: open, count: width - full)
    }
}
