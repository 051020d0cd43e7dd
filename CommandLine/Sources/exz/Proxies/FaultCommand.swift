// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import ExperimanceZMQTesting
import Framing
import Shell

struct Fault: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Relay connections to an endpoint, and let them go wrong, until it is ended.",
        discussion: """
            It passes bytes on, and knows nothing of messages. A fault is a kind and what it needs, such as \
            latency:100ms,jitter=20ms. To each may be added direction=to-target or to-client, next=NUMBER for the next so \
            many connections, share=PART for a part of them.

            With --control it reads commands from standard input, a line each, until that ends: add FAULT, remove \
            NUMBER, drop, which resets all connections, and statistics. Each is answered with a line.
            """
    )

    @Argument(help: "Where the connections go, tcp or ipc.")
    var target: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where to listen; by default at a port that the system chooses.",
            valueName: "endpoint"
        )
    )
    var bind = "tcp://127.0.0.1:*"

    @Option(help: ArgumentHelp("What goes wrong. May be given again.", valueName: "fault"))
    var fault: [FaultText] = []

    @Option(help: ArgumentHelp("What chance is drawn from, to have a run again.", valueName: "number"))
    var seed: UInt64?

    @Flag(help: "Take commands from standard input.")
    var control = false

    func run() throws {
        let output = try Output()
        let input = control ? try Input() : nil
        let proxy: FaultProxy
        var faults: [UInt32: FaultProxy.ActiveFault] = [:]
        do throws(ZMQSocketError) {
            proxy = try FaultProxy(target: target, listening: bind, seed: seed)
            for text in fault { _ = try Self.add(text, to: proxy, &faults) }
        } catch {
            guard error.code == .invalid || error.code == .notSupported else { throw error }
            throw Failure(.usage, error.message)
        }
        Endings.add { proxy.close() }
        try output.write(line: "listening at \(proxy.endpoint), seed \(proxy.seed)")
        guard let input else { withExtendedLifetime(proxy) { Endings.waitForEnd() } }
        var reader = MessageReader(.lines, limit: 4_096)
        while let line = try Self.line(&reader, from: input) {
            try output.write(line: Self.answer(line, proxy, &faults))
        }
        proxy.close()
    }

    private static func add(
        _ text: FaultText,
        to proxy: FaultProxy,
        _ faults: inout [UInt32: FaultProxy.ActiveFault]
    ) throws(ZMQSocketError) -> UInt32 {
        let added = try proxy.add(text.fault, text.direction, to: text.connections)
        faults[added.id] = added
        return added.id
    }

    private static func line(_ reader: inout MessageReader, from input: Input) throws(Failure) -> String? {
        do {
            while true {
                if let line = try reader.next() { return String(decoding: line.joined(), as: UTF8.self) }
                guard let bytes = try input.read() else {
                    reader.finish()
                    return try reader.next().map { String(decoding: $0.joined(), as: UTF8.self) }
                }
                reader.feed(bytes)
            }
        } catch let error as FormError {
            throw Failure(.failed, error.message)
        } catch {
            throw error as? Failure ?? Failure(.failed, "\(error)")
        }
    }

    /// Does what a line says. A mistake is answered, and ends nothing.
    private static func answer(
        _ line: String,
        _ proxy: FaultProxy,
        _ faults: inout [UInt32: FaultProxy.ActiveFault]
    ) -> String {
        let words = line.split(separator: " ").map(String.init)
        do throws(ZMQSocketError) {
            switch (words.first, words.count) {
            case ("add", 2):
                guard let text = FaultText(argument: words[1]) else { return "error: no fault: \(words[1])" }
                return "added \(try add(text, to: proxy, &faults))"
            case ("remove", 2):
                guard let id = UInt32(words[1]), let fault = faults.removeValue(forKey: id) else {
                    return "error: no fault of that number: \(words[1])"
                }
                try fault.remove()
                return "removed \(id)"
            case ("drop", 1):
                try proxy.drop()
                return "dropped"
            case ("statistics", 1):
                let done = try proxy.statistics()
                return "faults \(done.faults) connections \(done.connections) open \(done.open) failed \(done.failed)"
                    + " to-target \(done.bytesToTarget) to-client \(done.bytesToClient) struck \(done.struck)"
            default: return "error: not one of add FAULT, remove NUMBER, drop, statistics: \(line)"
            }
        } catch {
            return "error: \(error.message)"
        }
    }
}
