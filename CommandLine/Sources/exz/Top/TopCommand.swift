// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import Glibc
import Shell
import Watching

extension Table.Order: ExpressibleByArgument {}

struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the sockets of running programs: their state, rates, queues and failures.",
        discussion:
            "A program shows its sockets where it has asked for that (stats_endpoint), or is started with EXZ_STATS=1. "
            + "Those of this user are found by themselves. In a terminal the table is drawn anew until q is pressed; s "
            + "changes the order. In a pipe it is written once."
    )

    @Option(help: ArgumentHelp("Look here, too. May be given again.", valueName: "endpoint"))
    var endpoint: [String] = []

    @Option(help: ArgumentHelp("Look for programs in this directory instead. May be given again.", valueName: "path"))
    var directory: [String] = []

    @Option(help: ArgumentHelp("The time between two looks (default: 1s).", valueName: "time"))
    var interval: TimeArgument?

    @Option(help: ArgumentHelp("How long to wait for a program that does not answer (default: 1s).", valueName: "time"))
    var timeout: TimeArgument?

    @Option(help: "Which sockets come first.")
    var sort = Table.Order.program

    @Flag(help: "Write the table once.")
    var once = false

    @Flag(help: "Write what the programs say, a line of JSON each.")
    var json = false

    @Flag(help: "Write metrics as Prometheus reads them.")
    var prometheus = false

    /// In seconds, as the other one.
    private var pause: Double { interval?.duration.inSeconds ?? 1 }
    private var patience: Double { timeout?.duration.inSeconds ?? 1 }

    func validate() throws {
        guard !json || !prometheus else { throw ValidationError("give --json or --prometheus, not both") }
        guard pause > 0 else { throw ValidationError("an --interval of no time: it must be 1ms or more") }
        guard patience > 0 else { throw ValidationError("a --timeout of no time: it must be 1ms or more") }
        for endpoint in endpoint where !endpoint.hasPrefix("ipc://") || endpoint.utf8.count <= "ipc://".utf8.count {
            throw ValidationError("\"\(endpoint)\" is no endpoint of ipc, such as ipc:///run/user/1000/stats")
        }
    }

    func run() throws {
        if once || json || prometheus || !Screen.isPossible { return try writeOnce() }
        try draw()
    }

    private func places() throws(Failure) -> [StatisticsPlaces.Place] {
        var places = StatisticsPlaces()
        if directory.isEmpty { try places.addOwn() }
        for path in directory { try places.add(directory: path) }
        for endpoint in endpoint { places.add(endpoint: endpoint) }
        return places.places
    }

    // MARK: Once

    private func writeOnce() throws {
        let places = try places()
        let sightings = StatisticsLook.at(places, patience: patience, keepsDocuments: json)
        let output = try Output()
        if prometheus { return try output.write(Array(MetricsText.write(sightings).utf8)) }
        if json {
            for sighting in sightings { try output.write(Self.line(of: sighting)) }
        } else {
            for line in Table(sightings, since: Rates(), by: sort).lines(width: nil) {
                try output.write(line: line.look.map { Colours.ofOutput.paint(line.text, $0) } ?? line.text)
            }
        }
        if sightings.isEmpty { Notices.write(nobody) }
        let missing = zip(places, sightings).contains { $0.isAsked && $1.statistics == nil }
        if missing { throw AlreadyTold() }
    }

    private static func line(of sighting: Sighting) -> [UInt8] {
        var line = Array("{\"endpoint\":\(JSONText.text(sighting.endpoint).written),".utf8)
        if let trouble = sighting.trouble {
            line += Array("\"error\":\(JSONText.text(trouble).written)}".utf8)
        } else {
            line += Array("\"statistics\":\(sighting.document ?? "null")}".utf8)
        }
        return line + [10]
    }

    private var nobody: String {
        let places = directory.isEmpty ? [ZMQContextOptions.statisticsDirectory] : directory
        return "no program serves statistics in \(places.joined(separator: ", ")); start one with EXZ_STATS=1"
    }

    // MARK: Again and again

    private func draw() throws {
        let screen = try Screen()
        // Before a failure is told, which would go with the other screen.
        defer { screen.restore() }
        var (rates, order, isOver) = (Rates(), sort, false)
        func take(_ key: Screen.Key?) {
            switch key {
            case .quit?: isOver = true
            case .order?: order = order.next
            case .other?, nil: break
            }
        }
        func look() throws(Failure) -> [Sighting] {
            let keys = screen.keys.map { descriptor in
                StatisticsLook.Keys(descriptor: descriptor) {
                    take(screen.key(within: 0))
                    return !isOver
                }
            }
            return StatisticsLook.at(try places(), patience: patience, keys: keys)
        }
        var sightings = try look()
        var next = MonotonicClock.seconds + pause
        while !isOver {
            let table = Table(sightings, since: rates, by: order)
            let title = Table.Line(text: "\(table.summary)   order: \(order.rawValue)   s: order   q: quit", look: .dim)
            let lines = table.lines(width: Terminal.outputWidth)
            let notice = sightings.isEmpty ? [Table.Line(text: nobody, look: nil)] : []
            try screen.show([title] + lines + notice)
            take(screen.key(within: next - MonotonicClock.seconds))
            guard !isOver, MonotonicClock.seconds >= next else { continue }
            rates = Rates(from: sightings)
            sightings = try look()
            next = MonotonicClock.seconds + pause
        }
    }
}
