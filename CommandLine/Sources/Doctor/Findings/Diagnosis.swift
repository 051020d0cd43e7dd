// SPDX-License-Identifier: Apache-2.0

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

    init(of endpoint: String, for use: Use, _ findings: [Finding], time: Duration) {
        (self.endpoint, self.findings, self.time) = (endpoint, findings, time)
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
            ("milliseconds", .milliseconds(time)),
            ("findings", .array(findings.map(\.json))),
        ])
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
