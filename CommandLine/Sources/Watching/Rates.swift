// SPDX-License-Identifier: Apache-2.0

/// How much has been done in a second, from two looks at the same sockets.
package struct Rates: Equatable, Sendable {
    /// What tells a socket from all others: a handle is used once in a process.
    private struct Key: Hashable {
        let endpoint: String
        let process: Int
        let handle: String
    }

    private var values: [Key: (time: Double, values: [String: Double])] = [:]

    /// There is no look before the first.
    package init() {}

    package init(from sightings: [Sighting]) {
        for sighting in sightings {
            guard let statistics = sighting.statistics else { continue }
            for socket in statistics.sockets {
                let key = Key(endpoint: sighting.endpoint, process: statistics.process, handle: socket.handle)
                values[key] = (sighting.time, socket.values)
            }
        }
    }

    package static func == (left: Rates, right: Rates) -> Bool {
        left.values.mapValues(\.values) == right.values.mapValues(\.values)
    }

    /// The rate of a counter since the look that this was made from; nil where there is nothing to compare with.
    func rate(of field: String, _ socket: ProgramStatistics.Socket, in sighting: Sighting) -> Double? {
        guard let statistics = sighting.statistics, let now = socket.values[field],
            let before = values[
                Key(endpoint: sighting.endpoint, process: statistics.process, handle: socket.handle)
            ],
            let then = before.values[field], sighting.time > before.time
        else { return nil }
        // What was received ahead is counted when it is handed over: it may look like less for a moment.
        return max(0, now - then) / (sighting.time - before.time)
    }
}
