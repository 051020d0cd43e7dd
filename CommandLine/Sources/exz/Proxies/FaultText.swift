// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQTesting
import Shell

/// A fault as a person writes it: its kind, and what it needs, such as `latency:100ms`, `reset:after-bytes=1000`,
/// `stall:1000,direction=to-target,next=2`.
struct FaultText: ExpressibleByArgument {
    let fault: FaultProxy.Fault
    let direction: FaultProxy.Direction
    let connections: FaultProxy.Connections

    static let allValueStrings = [
        "down", "blackhole", "reset[:after-bytes=N,after=TIME]", "close[:after-bytes=N,after=TIME]",
        "latency:TIME[,jitter=TIME]", "bandwidth:BYTES-PER-SECOND", "slice:BYTES[,spread=BYTES,pause=TIME]",
        "slow-close:TIME", "corrupt:RATE", "http", "stall:BYTES", "half-open",
    ]

    init?(argument: String) {
        let words = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var settings: [String: String] = [:]
        if words.count == 2 {
            for setting in words[1].split(separator: ",", omittingEmptySubsequences: false) {
                let pair = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                // What has no name is what the kind is about.
                let (name, value) = pair.count == 2 ? (String(pair[0]), pair[1]) : ("", pair[0])
                guard settings.updateValue(String(value), forKey: name) == nil else { return nil }
            }
        }
        var reading = Settings(settings)
        guard let fault = Self.fault(String(words[0]), &reading),
            let direction = Self.direction(reading.take("direction")),
            let connections = Self.connections(next: reading.take("next"), share: reading.take("share")),
            reading.isAllRight
        else { return nil }
        (self.fault, self.direction, self.connections) = (fault, direction, connections)
    }

    private static func fault(_ kind: String, _ settings: inout Settings) -> FaultProxy.Fault? {
        switch kind {
        case "down": .down
        case "blackhole": .blackhole
        case "http": .http
        case "half-open": .halfOpen
        case "reset": .reset(afterBytes: settings.number("after-bytes"), after: settings.time("after"))
        case "close": .close(afterBytes: settings.number("after-bytes"), after: settings.time("after"))
        case "latency": settings.time("").map { .latency($0, jitter: settings.time("jitter") ?? .zero) }
        case "bandwidth": settings.number("").map { .bandwidth(bytesPerSecond: $0) }
        case "slice":
            settings.number("").map {
                .slice(bytes: $0, spread: settings.number("spread") ?? 0, pause: settings.time("pause") ?? .zero)
            }
        case "slow-close": settings.time("").map { .slowClose($0) }
        case "corrupt": settings.take("").flatMap(Double.init).map { .corrupt(rate: $0) }
        case "stall": settings.number("").map { .stall(afterBytes: $0) }
        default: nil
        }
    }

    private static func direction(_ text: String?) -> FaultProxy.Direction? {
        switch text {
        case nil, "both": .both
        case "to-target": .toTarget
        case "to-client": .toClient
        default: nil
        }
    }

    private static func connections(next: String?, share: String?) -> FaultProxy.Connections? {
        var connections = FaultProxy.Connections.all
        if let next {
            guard let count = Int(next) else { return nil }
            connections = .next(count)
        }
        if let share {
            guard let part = Double(share) else { return nil }
            connections = connections.share(part)
        }
        return connections
    }

    /// What stands behind a kind; each is taken once, and what is left is a mistake, as is what can not be read.
    private struct Settings {
        private var settings: [String: String]
        private var isReadable = true

        init(_ settings: [String: String]) {
            self.settings = settings
        }

        var isAllRight: Bool { isReadable && settings.isEmpty }

        mutating func take(_ name: String) -> String? { settings.removeValue(forKey: name) }

        mutating func number(_ name: String) -> Int? { read(name) { Int($0) } }

        mutating func time(_ name: String) -> Duration? { read(name, TimeText.parse) }

        private mutating func read<Value>(_ name: String, _ parse: (String) -> Value?) -> Value? {
            guard let text = take(name) else { return nil }
            let value = parse(text)
            if value == nil { isReadable = false }
            return value
        }
    }
}
