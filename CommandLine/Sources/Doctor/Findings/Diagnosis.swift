// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Shell

/// All that was found out about an endpoint.
public struct Diagnosis: Sendable {
    /// As it was given.
    public let endpoint: String
    /// In the order in which they were made.
    public let findings: [Finding]
    /// What they come to.
    public let verdict: Verdict
    /// How long all of it took.
    let time: Duration
    /// When it was over, in seconds since 1970.
    let end: Int

    init(of endpoint: String, for use: Use, _ findings: [Finding], time: Duration, end: Int) {
        (self.endpoint, self.findings, self.time, self.end) = (endpoint, findings, time, end)
        verdict = Verdict(of: endpoint, for: use, from: findings)
    }

    /// For programs, in one line.
    public var json: JSONText {
        .object([
            ("endpoint", .text(endpoint)),
            ("status", .text(verdict.status.word)),
            ("fault", verdict.fault.map(JSONText.text) ?? .null),
            ("verdict", .text(verdict.sentence)),
            ("advice", verdict.advice.map(JSONText.text) ?? .null),
            ("milliseconds", .milliseconds(time)), ("at", .text(Self.universalTime(end))),
            ("findings", .array(findings.map(\.json))),
        ])
    }

    /// A time as ISO 8601 has it.
    private static func universalTime(_ seconds: Int) -> String {
        var seconds = time_t(seconds)
        var parts = unsafe tm()
        guard unsafe gmtime_r(&seconds, &parts) != nil else { return "" }
        func digits(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        let day = unsafe [parts.tm_mon + 1, parts.tm_mday].map(digits)
        let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map(digits)
        let year = unsafe Int(parts.tm_year) + 1_900
        return "\(year)-\(day.joined(separator: "-"))T\(clock.joined(separator: ":"))Z"
    }

    /// Whether another examination came to the same, whatever times it took.
    public func saysTheSame(as other: Diagnosis) -> Bool {
        verdict == other.verdict
            && findings.map { [$0.step.rawValue, $0.outcome.rawValue, $0.seen] }
                == other.findings.map { [$0.step.rawValue, $0.outcome.rawValue, $0.seen] }
    }
}

extension ExitStatus {
    /// A word for programs.
    fileprivate var word: String {
        switch self {
        case .done: "fine"
        case .failed, .usage: "fault"
        case .timedOut: "unknown"
        }
    }
}
