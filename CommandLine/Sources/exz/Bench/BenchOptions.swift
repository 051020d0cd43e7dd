// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Measuring
import Shell

/// What is measured, and for how long.
struct BenchOptions: ParsableArguments {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case throughput
        case latency
    }

    /// What a message may have at most, in bytes.
    private static let largest = 1 << 30

    @Option(help: "Measure one of them, and not both.")
    var only: Kind?

    @Option(help: ArgumentHelp("Measure for so long (5s).", valueName: "time"))
    var duration: TimeArgument?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Measure so many messages, however long they take.", valueName: "number")
    )
    var count: Int?

    @Option(help: ArgumentHelp("Do the same for so long before, which does not count (500ms).", valueName: "time"))
    var warmup: TimeArgument?

    @Option(help: ArgumentHelp("Bytes of each part, 16 or more (64).", valueName: "bytes"))
    var size: Int?

    @Option(help: ArgumentHelp("Parts of each message (1).", valueName: "number"))
    var parts: Int?

    @Option(
        help: ArgumentHelp(
            "For the latency: so many requests a second, answered or not, timed from when each was due. Without it "
                + "one at a time.",
            valueName: "number"
        )
    )
    var rate: Double?

    @Flag(help: "Write each result as a line of JSON.")
    var json = false

    func validate() throws {
        if count != nil, duration != nil { throw ValidationError("either --count or --duration") }
        if let count, count < 1 { throw ValidationError("--count has to be 1 or more") }
        if let duration, duration.duration <= .zero { throw ValidationError("--duration has to be more than 0") }
        if let size, size < MeasuringMessage.size {
            throw ValidationError("--size has to be \(MeasuringMessage.size) or more: a message has its number in it")
        }
        if let parts, parts < 1 { throw ValidationError("--parts has to be 1 or more") }
        let (total, overflow) = bytes.multipliedReportingOverflow(by: parts ?? 1)
        if overflow || total > Self.largest {
            throw ValidationError("--size and --parts make more than \(Self.largest) bytes, the largest message")
        }
        if let rate, !(rate > 0 && rate <= 1e7) {
            throw ValidationError("--rate has to be more than 0, and 10000000 at most")
        }
        if rate != nil, only == .throughput {
            throw ValidationError("--rate is for the latency: throughput is measured at full speed")
        }
    }

    /// Whether any is given; they are for the side that measures.
    var areGiven: Bool {
        only != nil || duration != nil || count != nil || warmup != nil || size != nil || parts != nil || rate != nil
            || json
    }

    var bytes: Int { size ?? 64 }

    func load(_ endpoint: String) -> Load { Load(endpoint: endpoint, size: bytes, parts: parts ?? 1) }

    var extent: Extent {
        count.map { .count(UInt64($0)) } ?? .time(duration?.duration.nanoseconds ?? 5_000_000_000)
    }

    /// Nil without one.
    var warmupExtent: Extent? {
        let time = warmup?.duration.nanoseconds ?? 500_000_000
        return time > 0 ? .time(time) : nil
    }
}
