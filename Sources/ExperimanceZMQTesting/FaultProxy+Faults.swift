// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import ExperimanceZMQFaults

extension FaultProxy {
    /// What goes wrong. Times are at most 2³¹ - 1 ms.
    ///
    /// Where it is not said otherwise, a fault also strikes connections that are there, and its bytes and times count
    /// from when it was added.
    public enum Fault: Hashable, Sendable {
        /// Nothing listens: connects are refused, as the port or the path is kept and not listened at; nobody else can
        /// have it meanwhile. Connections that are there end with a reset. When it is removed the proxy listens again,
        /// at the same endpoint. It has no direction, and strikes all connections.
        case down
        /// Accepts, and then silence both ways, as when a cable is cut. A new connection does not reach the target.
        /// When it is removed, what has been sent goes on. It has no direction.
        case blackhole
        /// Ends the connection with a reset, on both sides: at once, or after so many bytes of a direction have been
        /// passed on, or after a time, whichever is first. A local socket knows no reset and is closed.
        case reset(afterBytes: Int? = nil, after: Duration? = nil)
        /// The same, with an orderly end. What was passed on before arrives.
        case close(afterBytes: Int? = nil, after: Duration? = nil)
        /// What is read is passed on that much later, more or less a random part of `jitter`, in order; an end, also
        /// one that is a reset, too. When it is removed, what waits is passed on at once.
        case latency(Duration, jitter: Duration = .zero)
        /// At most so many bytes a second are passed on, each direction by itself.
        case bandwidth(bytesPerSecond: Int)
        /// Passed on in pieces of so many bytes, more or less a random part of `spread`, with pauses between them.
        case slice(bytes: Int, spread: Int = 0, pause: Duration = .zero)
        /// The end of a connection is passed on that much later, also one that is a reset.
        case slowClose(Duration)
        /// Of each byte that is read a random bit is flipped with this probability, over 0 and at most 1. The same bits
        /// of the same bytes, where seed, number of the fault, number of the connection and direction are the same.
        case corrupt(rate: Double)
        /// Answers the first bytes of a new connection as a web server that does not understand them, and closes. The
        /// target hears nothing. It has no direction.
        case http
        /// Passes so many bytes of a direction on, then nothing. When it is removed, what has been sent goes on.
        case stall(afterBytes: Int)
        /// One direction stops, its end included, and the other goes on; it must be one of the two. When it is removed,
        /// what has been sent goes on.
        case halfOpen

        func effect() throws(ZMQSocketError) -> ExperimanceZMQFaults.Fault.Effect {
            switch self {
            case .down: .down
            case .blackhole: .blackhole
            case .reset(let bytes, let time): .reset(after: try Self.limit(bytes, time))
            case .close(let bytes, let time): .close(after: try Self.limit(bytes, time))
            case .latency(let delay, let jitter): .latency(delay, jitter: jitter)
            case .bandwidth(let rate): .bandwidth(bytesPerSecond: try number(rate, "bytesPerSecond"))
            case .slice(let bytes, let spread, let pause):
                .slice(bytes: try number(bytes, "bytes"), spread: try number(spread, "spread"), pause: pause)
            case .slowClose(let delay): .slowClose(delay)
            case .corrupt(let rate): .corrupt(rate: rate)
            case .http: .http
            case .stall(let bytes): .stall(afterBytes: try number(bytes, "afterBytes"))
            case .halfOpen: .halfOpen
            }
        }

        private static func limit(
            _ bytes: Int?,
            _ time: Duration?
        ) throws(ZMQSocketError) -> ExperimanceZMQFaults.Fault.Limit {
            guard let bytes else { return ExperimanceZMQFaults.Fault.Limit(time: time) }
            return ExperimanceZMQFaults.Fault.Limit(bytes: try number(bytes, "afterBytes"), time: time)
        }
    }

    /// Which way the bytes go.
    public enum Direction: Hashable, CaseIterable, Sendable {
        /// Both ways. Of a number of bytes each has its own.
        case both
        /// From who has connected to the target.
        case toTarget
        /// From the target to who has connected.
        case toClient

        var inCore: ExperimanceZMQFaults.Fault.Direction {
            switch self {
            case .both: .both
            case .toTarget: .toTarget
            case .toClient: .toClient
            }
        }
    }

    /// Which connections a fault strikes.
    ///
    /// Whoever connects is counted and struck: also a socket of this library that looks, with a connection of its own,
    /// why one has failed. It does so after an attempt that was refused or broken off, so there may be more connections
    /// than attempts, and that of an attempt may be the second next.
    public struct Connections: Hashable, Sendable {
        private let count: Int?
        let share: Double

        /// All of them, those that are there and those to come.
        public static let all = Connections(count: nil, share: 1)

        /// The next so many that are accepted, and none that is there.
        ///
        /// - Parameter count: 1 to 2³² - 1; adding a fault with any other throws `invalid`.
        public static func next(_ count: Int) -> Connections { Connections(count: count, share: 1) }

        /// A share of all, drawn for each.
        ///
        /// - Parameter share: over 0 and at most 1; adding a fault with any other throws `invalid`.
        public static func share(_ share: Double) -> Connections { Connections(count: nil, share: share) }

        /// Of these, a share, drawn for each from the seed, the number of the fault and the number of the connection.
        ///
        /// - Parameter share: over 0 and at most 1; adding a fault with any other throws `invalid`.
        public func share(_ share: Double) -> Connections { Connections(count: count, share: share) }

        func checkedCount() throws(ZMQSocketError) -> UInt32? {
            guard let count else { return nil }
            return try number(count, "count")
        }
    }
}

/// - Throws: `invalid` for what is not of that kind.
private func number<Kind: FixedWidthInteger>(_ number: Int, _ name: String) throws(ZMQSocketError) -> Kind {
    guard let exact = Kind(exactly: number) else {
        throw ZMQSocketError(.invalid, message: "\(name) is \(number), which is out of range")
    }
    return exact
}
