// SPDX-License-Identifier: Apache-2.0

public import ExperimanceZMQ
import ExperimanceZMQFaults

extension FaultProxy {
    /// What a proxy counts, from its beginning.
    public enum Count: Hashable, CaseIterable, Sendable {
        /// Connections accepted.
        case connections
        /// Connections that have ended.
        case ended
        /// Connections whose target could not be reached.
        case failed
        /// Bytes passed on to the target.
        case bytesToTarget
        /// Bytes passed on to who has connected.
        case bytesToClient
        /// How often a fault has struck a connection.
        case struck

        fileprivate var inCore: FaultCount {
            switch self {
            case .connections: .connections
            case .ended: .ended
            case .failed: .failed
            case .bytesToTarget: .bytesToTarget
            case .bytesToClient: .bytesToClient
            case .struck: .struck
            }
        }
    }

    /// Blocks its thread until something has been counted so often, so that no test has to sleep.
    ///
    /// - Parameters:
    ///   - count: what is counted.
    ///   - number: how often; 0 is always reached.
    ///   - timeout: by default a second.
    /// - Throws: `timeout`, `closed` also when the proxy is closed meanwhile, `invalid` for a time-out out of range.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func wait(
        for count: Count,
        atLeast number: UInt64,
        timeout: ZMQTimeout = .default
    ) throws(ZMQSocketError) {
        try core.wait(for: .count(count.inCore), atLeast: number, until: timeout.deadlineForThread())
    }

    /// Waits until something has been counted so often, so that no test has to sleep.
    ///
    /// - Parameters:
    ///   - count: what is counted.
    ///   - number: how often; 0 is always reached.
    ///   - timeout: by default a second.
    /// - Throws: `timeout`, `canceled`, `closed` also when the proxy is closed meanwhile, `invalid` for a time-out out
    ///   of range.
    public nonisolated(nonsending) func wait(
        for count: Count,
        atLeast number: UInt64,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        try await core.wait(for: .count(count.inCore), atLeast: number, until: timeout.deadlineForTask())
    }

    /// What a proxy has done so far.
    public struct Statistics: Hashable, Sendable {
        /// Faults in force.
        public let faults: Int
        /// Connections accepted.
        public let connections: UInt64
        /// Connections that have not ended.
        public let open: UInt64
        /// Connections whose target could not be reached.
        public let failed: UInt64
        /// Bytes passed on to the target.
        public let bytesToTarget: UInt64
        /// Bytes passed on to who has connected.
        public let bytesToClient: UInt64
        /// How often a fault has struck a connection: once for each of both, however often it did.
        public let struck: UInt64
        /// Why the target could not be reached the last time; nil if it always could.
        public let lastFailure: ZMQSocketError?

        init(_ statistics: FaultStatistics) {
            faults = statistics.faults
            connections = statistics.connections
            open = statistics.open
            failed = statistics.failed
            bytesToTarget = statistics.bytesToTarget
            bytesToClient = statistics.bytesToClient
            struck = statistics.struck
            lastFailure = statistics.lastFailure
        }
    }

    /// A fault that has been added to a proxy.
    public struct ActiveFault: Sendable {
        /// Its number: 1 for the proxy's first, then 2, and so on. With the seed it says whom it strikes.
        public let id: UInt32
        private let proxy: FaultProxy

        init(id: UInt32, proxy: FaultProxy) {
            self.id = id
            self.proxy = proxy
        }

        /// Removes it. What it held back goes on; what it has ended stays so. Again, it is not an error.
        ///
        /// - Throws: `closed` when the proxy is. After ``FaultProxy/Fault/down``, why the proxy can not listen again at
        ///   this moment, such as `addressInUse`: the fault is removed, and the proxy tries again until it listens.
        public func remove() throws(ZMQSocketError) { try proxy.core.remove(id) }

        /// Blocks its thread until it has struck so many connections.
        ///
        /// It strikes a connection when it first changes something there: the first bytes are delayed, slowed down,
        /// sliced or flipped; an end of the connection is held back; the bytes that were let through before are
        /// through; the connection is ended, answered, or swallowed.
        ///
        /// - Parameters:
        ///   - number: how many connections.
        ///   - timeout: by default a second.
        /// - Throws: `timeout`, `closed` when the proxy is closed meanwhile or the fault has been removed, `invalid`
        ///   for a time-out out of range.
        @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
        public func waitForStrikes(
            atLeast number: UInt64 = 1,
            timeout: ZMQTimeout = .default
        ) throws(ZMQSocketError) {
            try proxy.core.wait(for: .strikes(of: id), atLeast: number, until: timeout.deadlineForThread())
        }

        /// Waits until it has struck so many connections.
        ///
        /// It strikes a connection when it first changes something there: the first bytes are delayed, slowed down,
        /// sliced or flipped; an end of the connection is held back; the bytes that were let through before are
        /// through; the connection is ended, answered, or swallowed.
        ///
        /// - Parameters:
        ///   - number: how many connections.
        ///   - timeout: by default a second.
        /// - Throws: `timeout`, `canceled`, `closed` when the proxy is closed meanwhile or the fault has been removed,
        ///   `invalid` for a time-out out of range.
        public nonisolated(nonsending) func waitForStrikes(
            atLeast number: UInt64 = 1,
            timeout: ZMQTimeout = .default
        ) async throws(ZMQSocketError) {
            try await proxy.core.wait(for: .strikes(of: id), atLeast: number, until: timeout.deadlineForTask())
        }
    }
}
