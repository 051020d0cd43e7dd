// SPDX-License-Identifier: Apache-2.0

import Shell

/// Statistics in the text form of Prometheus, version 0.0.4.
package enum MetricsText {
    /// The whole exposition: each metric once, with a sample for each socket.
    package static func write(_ sightings: [Sighting]) -> String {
        var text = ""
        head(of: .up, to: &text)
        var told: Set<String> = []
        for sighting in sightings {
            sample(
                of: .up,
                [("endpoint", sighting.endpoint)],
                sighting.statistics == nil ? 0 : 1,
                after: &told,
                to: &text
            )
        }
        for metric in Metric.ofSockets + Metric.ofMoment {
            var (samples, told) = ("", Set<String>())
            for sighting in sightings {
                guard let program = sighting.statistics else { continue }
                let common = [("endpoint", sighting.endpoint)] + labels(of: program)
                for socket in program.sockets {
                    guard let value = socket.values[metric.field] else { continue }
                    sample(of: metric, common + labels(of: socket), value, after: &told, to: &samples)
                }
            }
            guard !samples.isEmpty else { continue }
            head(of: metric, to: &text)
            text += samples
        }
        return text
    }

    private static func labels(of program: ProgramStatistics) -> [(String, String)] {
        [
            ("program", program.program), ("pid", String(program.process)), ("context", String(program.context)),
            ("context_name", program.contextName),
        ]
    }

    private static func labels(of socket: ProgramStatistics.Socket) -> [(String, String)] {
        [("socket", String(socket.number)), ("type", socket.type)]
    }

    private static func head(of metric: Metric, to text: inout String) {
        text += "# HELP \(metric.name) \(escaped(metric.help, quotes: false))\n"
        text += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
    }

    /// - Parameter told: the labels of the metric's samples up to here: Prometheus takes none of a text in which two
    ///   have the same, whatever a program says.
    private static func sample(
        of metric: Metric,
        _ labels: [(String, String)],
        _ value: Double,
        after told: inout Set<String>,
        to text: inout String
    ) {
        let written = labels.map { "\($0.0)=\"\(escaped($0.1, quotes: true))\"" }.joined(separator: ",")
        guard told.insert(written).inserted else { return }
        text += "\(metric.name){\(written)} \(number(value))\n"
    }

    /// Whole numbers without a point, as long as they are exact.
    private static func number(_ value: Double) -> String { Int64(exactly: value).map { String($0) } ?? "\(value)" }

    /// By scalars: a line feed may stand behind a carriage return, and be one character with it. The form has escapes
    /// for three; of what else moves a cursor, the value has the number.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
            case _ where scalar.isUnseenControl: escaped.append(contentsOf: "\\\\\(scalar.fourDigits)".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
