// SPDX-License-Identifier: Apache-2.0

package import ExperimanceZMQ

/// What is to go wrong, for whom and which way: a checked value.
package struct Fault: Hashable, Sendable {
    /// What goes wrong. `exz_fault_kind` in the header says what each means.
    package enum Effect: Hashable, Sendable {
        case down
        case blackhole
        case reset(after: Limit)
        case close(after: Limit)
        case latency(Duration, jitter: Duration)
        case bandwidth(bytesPerSecond: UInt64)
        case slice(bytes: UInt32, spread: UInt32, pause: Duration)
        case slowClose(Duration)
        case corrupt(rate: Double)
        case http
        case stall(afterBytes: UInt64)
        case halfOpen
    }

    /// When a connection is ended; with neither, at once; with both, by what comes first.
    package struct Limit: Hashable, Sendable {
        package let bytes: UInt64?
        package let time: Duration?

        package init(bytes: UInt64? = nil, time: Duration? = nil) {
            self.bytes = bytes
            self.time = time
        }
    }

    /// Which way the bytes go.
    package enum Direction: UInt32, CaseIterable, Sendable {
        case both = 0
        case toTarget = 1
        case toClient = 2

        /// Whether it takes in one of the two ways.
        func includes(_ way: Way) -> Bool {
            switch self {
            case .both: true
            case .toTarget: way == .toTarget
            case .toClient: way == .toClient
            }
        }
    }

    package let effect: Effect
    package let direction: Direction
    /// Only the next so many connections; nil for all.
    package let count: UInt32?
    /// Of those, the share that is struck.
    package let share: Double

    /// - Throws: `invalid` for what makes no sense; the message names the field as C does.
    package init(
        _ effect: Effect,
        _ direction: Direction = .both,
        count: UInt32? = nil,
        share: Double = 1
    ) throws(ZMQSocketError) {
        self.effect = effect
        self.direction = direction
        self.count = count
        self.share = share
        // Also false of what is no number.
        try Self.require(share > 0 && share <= 1, "share is \(share): it must be over 0 and at most 1")
        try Self.require(count != 0, "count is 0: it must be at least 1")
        try checkScope()
        try checkNumbers()
    }

    /// Whether it is a matter of the whole proxy.
    var isOfProxy: Bool { effect == .down }

    private func checkScope() throws(ZMQSocketError) {
        switch effect {
        case .down:
            try Self.require(direction == .both, "direction: a proxy is down for both")
            try Self.require(count == nil && share == 1, "count, share: a proxy is down for all connections")
        case .blackhole:
            try Self.require(direction == .both, "direction: a blackhole is silent in both; half open is for one")
        case .http:
            try Self.require(direction == .both, "direction: an answer as of a web server goes to who asks")
        case .halfOpen:
            try Self.require(direction != .both, "direction: half open is for one of the two; a blackhole for both")
        default: break
        }
    }

    private func checkNumbers() throws(ZMQSocketError) {
        switch effect {
        case .down, .blackhole, .http, .halfOpen, .stall: break
        case .reset(let limit), .close(let limit):
            if let time = limit.time { try Self.requireTime(time, "after_ms") }
        case .latency(let delay, let jitter):
            try Self.requireTime(delay, "delay_ms")
            try Self.requireTime(jitter, "jitter_ms")
            try Self.require(delay > .zero, "delay_ms is 0: it must be at least 1")
            try Self.require(jitter <= delay, "jitter_ms is larger than delay_ms")
        case .bandwidth(let rate):
            try Self.require(rate > 0, "bytes_per_second is 0: it must be at least 1; a stall passes nothing")
        case .slice(let bytes, let spread, let pause):
            try Self.require(bytes > 0, "slice_bytes is 0: it must be at least 1")
            try Self.require(spread < bytes, "slice_spread must be less than slice_bytes")
            try Self.requireTime(pause, "pause_ms")
        case .slowClose(let delay):
            try Self.requireTime(delay, "delay_ms")
            try Self.require(delay > .zero, "delay_ms is 0: it must be at least 1")
        case .corrupt(let rate):
            try Self.require(rate > 0 && rate <= 1, "flip_rate is \(rate): it must be over 0 and at most 1")
        }
    }

    private static func require(_ isSo: Bool, _ message: @autoclosure () -> String) throws(ZMQSocketError) {
        guard isSo else { throw ZMQSocketError(.invalid, message: message()) }
    }

    private static func requireTime(_ time: Duration, _ name: String) throws(ZMQSocketError) {
        let isInRange = time >= .zero && time <= .milliseconds(Int32.max)
        try require(isInRange, "\(name): it must be 0 to \(Int32.max) ms")
    }
}

/// One of the two ways through a connection.
package enum Way: Sendable {
    case toTarget
    case toClient
}
