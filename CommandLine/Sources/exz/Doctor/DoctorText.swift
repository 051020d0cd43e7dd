// SPDX-License-Identifier: Apache-2.0

import Doctor
import Glibc
import Shell

/// What a person is shown of an examination: a line for each step, with its mark, and the verdict.
struct DoctorText {
    private static let markWidth = 4
    private static let stepWidth = Finding.Step.allCases.map(\.rawValue.utf8.count).max() ?? 0

    private let colours: Colours
    private let hasTime: Bool

    /// - Parameter hasTime: each examination says when it was made.
    init(_ colours: Colours, hasTime: Bool) {
        (self.colours, self.hasTime) = (colours, hasTime)
    }

    func heading(_ endpoint: String) -> String {
        let name = colours.paint(Notices.inOneLine(endpoint), .bold)
        return hasTime ? "\(name) at \(Self.timeOfDay())" : name
    }

    func line(_ finding: Finding) -> String {
        let (mark, look): (String, Colours.Look) =
            switch finding.outcome {
            case .ok: ("ok", .green)
            case .warning: ("warn", .yellow)
            case .failed: ("FAIL", .red)
            case .skipped: ("skip", .dim)
            }
        let time = finding.time.map { ", " + Self.write($0) } ?? ""
        let step = finding.step.rawValue.padded(to: Self.stepWidth, at: .left)
        let marked = colours.paint(mark, look) + String(repeating: " ", count: Self.markWidth - mark.utf8.count)
        return "  \(marked)  \(step)  \(Notices.inOneLine(finding.seen))\(colours.paint(time, .dim))"
    }

    func verdict(_ diagnosis: Diagnosis) -> [String] {
        let verdict = diagnosis.verdict
        let look: Colours.Look = verdict.status == .done ? (verdict.advice == nil ? .green : .yellow) : .red
        let sentence = colours.paint(Notices.inOneLine(verdict.sentence), look)
        return [sentence] + (verdict.advice.map { ["  → " + Notices.inOneLine($0)] } ?? [])
    }

    /// All of it at once.
    func whole(_ diagnosis: Diagnosis) -> [String] {
        [heading(diagnosis.endpoint)] + diagnosis.findings.map(line) + verdict(diagnosis)
    }

    /// A time to two places, as it is for comparing.
    static func write(_ time: Duration) -> String {
        let (seconds, attoseconds) = time.components
        guard seconds == 0 else { return TimeText.write(time) }
        let microseconds = attoseconds / 1_000_000_000_000
        guard microseconds < 10_000 else { return "\(microseconds / 1_000) ms" }
        let hundredths = microseconds / 10 % 100
        return "\(microseconds / 1_000).\(hundredths < 10 ? "0" : "")\(hundredths) ms"
    }

    private static func timeOfDay() -> String {
        var now = time(nil)
        var parts = unsafe tm()
        guard unsafe localtime_r(&now, &parts) != nil else { return "?" }
        let numbers = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec]
        return numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
