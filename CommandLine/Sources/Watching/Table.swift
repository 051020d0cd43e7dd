// SPDX-License-Identifier: Apache-2.0

package import Shell

/// Sockets as rows for people.
package struct Table: Sendable {
    /// Which sockets come first.
    package enum Order: String, CaseIterable, Sendable {
        /// Those of a program together, programs by their numbers.
        case program
        /// Those that carry most at present, and in all where that is not known.
        case traffic
        /// Those with the newest failure.
        case errors

        /// The one that comes after it.
        package var next: Order {
            switch self {
            case .program: .traffic
            case .traffic: .errors
            case .errors: .program
            }
        }
    }

    /// A line, and how it is shown.
    package struct Line: Equatable, Sendable {
        package var text: String
        package var look: Colours.Look?

        package init(text: String, look: Colours.Look? = nil) { (self.text, self.look) = (text, look) }
    }

    private struct Row {
        var cells: [String]
        var look: Colours.Look?
        /// What comes first has less.
        var place: (Double, Int, Int)
    }

    private static let heads = [
        "PID", "PROGRAM", "SOCKET", "STATE", "PEERS", "SENT", "SENT/s", "RECEIVED", "RECV/s", "HELD", "WAIT",
        "ENDPOINT",
        "LAST ERROR",
    ]
    /// Numbers stand at the right.
    private static let numbers: Set<Int> = [0, 4, 5, 6, 7, 8, 9]
    /// The last column has the rest of the line; these are cut before.
    private static let widest = [1: 16, 11: 40]

    private var rows: [Row] = []
    private var troubles: [Line] = []
    private let programs: Int
    private let sockets: Int

    /// - Parameters:
    ///   - sightings: what was seen.
    ///   - earlier: what was seen the time before.
    ///   - order: which sockets come first.
    package init(_ sightings: [Sighting], since earlier: Rates, by order: Order) {
        var (programs, sockets) = (0, 0)
        for sighting in sightings {
            guard let statistics = sighting.statistics else {
                let text = "\(sighting.endpoint): \(sighting.trouble ?? "")"
                troubles.append(Line(text: Self.printable(text), look: .yellow))
                continue
            }
            programs += 1
            for count in [statistics.sockets.count, statistics.leftOut] {
                sockets = sockets.addingReportingOverflow(count).overflow ? .max : sockets + count
            }
            for socket in statistics.sockets {
                rows.append(Self.row(of: socket, in: sighting, statistics, since: earlier, order))
            }
            if statistics.leftOut > 0 {
                let text = "\(statistics.leftOut) more sockets of process \(statistics.process) are not told"
                troubles.append(Line(text: text, look: .dim))
            }
        }
        rows.sort { $0.place < $1.place }
        (self.programs, self.sockets) = (programs, sockets)
    }

    private static func row(
        of socket: ProgramStatistics.Socket,
        in sighting: Sighting,
        _ program: ProgramStatistics,
        since earlier: Rates,
        _ order: Order
    ) -> Row {
        func value(_ field: String) -> Double { socket.values[field] ?? 0 }
        let (out, back) = (
            earlier.rate(of: "messages_sent", socket, in: sighting),
            earlier.rate(of: "messages_received", socket, in: sighting)
        )
        let link = socket.links.first { $0.failure != nil } ?? socket.links.first
        let endpoints = socket.bound.count + socket.links.count
        let endpoint = (link?.endpoint ?? socket.bound.first ?? "") + (endpoints > 1 ? " +\(endpoints - 1)" : "")
        let failure = socket.failure.map { "\(age($0.age)) ago: \($0.text)" } ?? ""
        let cells = [
            String(program.process), program.program, socket.name, socket.state, number(value("peers")),
            number(value("messages_sent")), out.map(number) ?? "-", number(value("messages_received")),
            back.map(number) ?? "-", number(value("held_messages")),
            "\(number(value("waiting_senders")))/\(number(value("waiting_receivers")))", endpoint, failure,
        ]
        let rank =
            switch order {
            case .program: 0.0
            case .traffic: -((out ?? value("messages_sent")) + (back ?? value("messages_received")))
            case .errors: socket.failure?.age ?? .infinity
            }
        let look: Colours.Look? =
            switch socket.state {
            case "reconnecting": .red
            case "connecting": .yellow
            default: nil
            }
        return Row(cells: cells.map(printable), look: look, place: (rank, program.process, socket.number))
    }

    /// One line that says how much there is.
    package var summary: String {
        "\(programs) context\(programs == 1 ? "" : "s"), \(sockets) socket\(sockets == 1 ? "" : "s")"
    }

    /// All of it, the heads first.
    ///
    /// - Parameter width: the longest line; nil: as long as it is.
    package func lines(width: Int?) -> [Line] {
        let all = [Self.heads] + rows.map(\.cells)
        let widths = Self.heads.indices.map { column in
            min(all.reduce(0) { max($0, $1[column].count) }, Self.widest[column] ?? .max)
        }
        let looks: [Colours.Look?] = [.bold] + rows.map(\.look)
        var lines = zip(all, looks).map { cells, look in
            let padded = cells.enumerated().map { column, cell in
                let cut = Self.cut(cell, to: widths[column])
                guard column < cells.count - 1 else { return cut }
                return cut.padded(to: widths[column], at: Self.numbers.contains(column) ? .right : .left)
            }
            var line = padded.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return Line(text: line, look: look)
        }
        lines += troubles
        guard let width else { return lines }
        return lines.map { Line(text: Self.cut($0.text, to: width), look: $0.look) }
    }

    private static func cut(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        return width > 1 ? text.prefix(width - 1) + "…" : String(text.prefix(max(0, width)))
    }

    /// What others have chosen is not to move the cursor, or to turn a line around.
    private static func printable(_ text: String) -> String { PrintableText.inOneLine(text, substitute: "?") }

    /// A number in at most five characters or so.
    static func number(_ value: Double) -> String {
        guard value.isFinite, value >= 0 else { return "?" }
        let units: [(Double, String)] = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e5, "k")]
        for (least, unit) in units where value >= least {
            return decimal(value / (unit == "k" ? 1e3 : least)) + unit
        }
        return value == value.rounded() || value >= 100 ? whole(value) : decimal(value)
    }

    /// With one digit behind the point, where that says something.
    private static func decimal(_ value: Double) -> String {
        guard value < 100, let tenths = Int64(exactly: (value * 10).rounded()) else {
            return whole(value.rounded(.down))
        }
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func whole(_ value: Double) -> String {
        Int64(exactly: value.rounded()).map { String($0) } ?? "\(value)"
    }

    static func age(_ seconds: Double) -> String {
        switch seconds {
        case ..<0: "0 s"
        case ..<120: "\(Int64(seconds)) s"
        case ..<7_200: "\(Int64(seconds / 60)) min"
        case ..<172_800: "\(Int64(seconds / 3_600)) h"
        case ..<1e12: "\(Int64(seconds / 86_400)) days"
        default: "long"
        }
    }
}
