// SPDX-License-Identifier: Apache-2.0

public import ExperimanceZMQ
import ExperimanceZMQFaults

/// A relay between a listening and a target endpoint, in which faults are put: for tests of what a program does when
/// connections fail.
///
/// It passes bytes on, not messages, and knows nothing of ZeroMQ. With no fault it passes everything on as it is.
///
/// ```swift
/// try await FaultProxy.with(target: try await puller.bind("tcp://127.0.0.1:*")) { proxy in
///     try await pusher.connect(proxy.endpoint)
///     let cut = try proxy.add(.blackhole)
///     try await pusher.send("kept".utf8)
///     try await cut.waitForStrikes()
///     try cut.remove()
///     #expect(try await puller.receive().text == "kept")
/// }
/// ```
///
/// What a connection carries when it is reset is lost, as it is with any peer that dies. A test that goes on after a
/// reset first waits until the sender has noticed: until ``Count/connections`` says that it has connected again.
///
/// Of each connection and each direction it holds at most 256 KiB that have not been passed on. When they are full it
/// reads no more, and the sender waits as it would for a slow network.
///
/// A client whose target can not be reached has been accepted already, so it can not be refused: it is reset. A target
/// by name is looked up for each connection anew.
///
/// It may be used from any thread and any task. One thread of the library serves all proxies; it ends with the last.
public final class FaultProxy: Sendable {
    let core: FaultProxyCore

    /// Where it listens, with its real port: what to connect to. It stays the same while a fault keeps it down.
    public let endpoint: String
    /// What all draws are made from: with the same seed, and the same faults in the same order, a run repeats.
    public let seed: UInt64

    /// Starts a proxy.
    ///
    /// - Parameters:
    ///   - target: where the connections go, tcp or ipc. Nobody has to be there yet.
    ///   - listening: where to listen, tcp or ipc, as for a bind; by default at a port of the loopback that the system
    ///     chooses. A name is given a second to be looked up.
    ///   - seed: what all draws are made from; nil draws it from the system.
    /// - Throws: `invalid` for a bad endpoint or one that is its own target, `notSupported` for another transport,
    ///   `addressInUse`, `addressNotAvailable`, `resolve`, `permission`, `limit` out of descriptors or threads,
    ///   `noMemory`.
    public init(
        target: String,
        listening: String = "tcp://127.0.0.1:*",
        seed: UInt64? = nil
    ) throws(ZMQSocketError) {
        ProcessGlobals.setUp()
        core = try FaultProxyCore(from: listening, to: target, seed: seed)
        endpoint = try core.endpoint()
        self.seed = try core.stats().seed
    }

    deinit {
        core.close()
    }

    /// Runs `body` with a proxy, which is closed before this returns, however `body` ends.
    ///
    /// - Parameters:
    ///   - target: where the connections go.
    ///   - listening: where to listen.
    ///   - seed: what all draws are made from; nil draws it from the system.
    ///   - body: uses the proxy.
    /// - Throws: as ``init(target:listening:seed:)``, and what `body` throws.
    public nonisolated(nonsending) static func with<Result>(
        target: String,
        listening: String = "tcp://127.0.0.1:*",
        seed: UInt64? = nil,
        _ body: nonisolated(nonsending) (FaultProxy) async throws -> Result
    ) async throws -> Result {
        let proxy = try FaultProxy(target: target, listening: listening, seed: seed)
        defer { proxy.close() }
        return try await body(proxy)
    }

    /// Adds a fault, which is in force when this returns.
    ///
    /// Several may be in force at once: delays add up, the smallest bandwidth and the shortest slices count, and what
    /// ends or holds a connection does so whatever else there is.
    ///
    /// - Parameters:
    ///   - fault: what goes wrong.
    ///   - direction: which way the bytes go that it is about.
    ///   - connections: which connections it strikes.
    /// - Returns: the fault in force, to be waited for and removed.
    /// - Throws: `invalid` for a fault that makes no sense, with the field in its message; `limit` beyond 1,000 at
    ///   once; `noMemory`; `closed`.
    @discardableResult
    public func add(
        _ fault: Fault,
        _ direction: Direction = .both,
        to connections: Connections = .all
    ) throws(ZMQSocketError) -> ActiveFault {
        let made = try ExperimanceZMQFaults.Fault(
            fault.effect(),
            direction.inCore,
            count: connections.checkedCount(),
            share: connections.share
        )
        return ActiveFault(id: try core.add(made), proxy: self)
    }

    /// Ends all connections now, with a reset; local ones are closed. The proxy goes on, and so do its faults.
    ///
    /// - Throws: `closed`.
    public func drop() throws(ZMQSocketError) { try core.drop() }

    /// What it has done so far.
    ///
    /// - Throws: `closed`.
    public func statistics() throws(ZMQSocketError) -> Statistics { Statistics(try core.stats()) }

    /// Ends the proxy with all its connections, and gives its endpoint back. Waits that are going on end with `closed`.
    /// The last one ends the thread, and blocks its caller for at most 100 ms until that is gone. Again, it is not an
    /// error.
    public func close() { core.close() }
}
