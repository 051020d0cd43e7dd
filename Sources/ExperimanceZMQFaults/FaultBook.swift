// SPDX-License-Identifier: Apache-2.0

package import ExperimanceZMQ

/// The faults of a proxy by their numbers, and which connections they strike.
///
/// Whether a fault strikes a connection is drawn from the seed, the fault's number and the connection's, and from
/// nothing else. So a run repeats, whatever comes first in it.
package struct FaultBook: Sendable {
    private struct Entry {
        let id: UInt32
        let fault: Fault
        /// How many connections there had been.
        let since: UInt64
        var struck: UInt64 = 0
    }

    package static let mostFaults = 1_000

    package let seed: UInt64
    /// In the order of their numbers.
    private var entries: [Entry] = []
    private var lastID: UInt32 = 0

    package init(seed: UInt64) {
        self.seed = seed
    }

    package var count: Int { entries.count }

    /// Whether one keeps the proxy from listening.
    package var isDown: Bool { entries.contains { $0.fault.isOfProxy } }

    /// - Parameter connections: how many there have been so far.
    /// - Throws: `limit` when there are too many.
    package mutating func add(_ fault: Fault, after connections: UInt64) throws(ZMQSocketError) -> UInt32 {
        guard entries.count < Self.mostFaults, lastID < .max else {
            throw ZMQSocketError(.limit, message: "a proxy has at most \(Self.mostFaults) faults at once")
        }
        lastID += 1
        entries.append(Entry(id: lastID, fault: fault, since: connections))
        return lastID
    }

    /// Takes a fault out.
    ///
    /// - Returns: nil if that has happened before.
    /// - Throws: `invalid` for a number that was never given.
    package mutating func remove(_ id: UInt32) throws(ZMQSocketError) -> Fault? {
        try index(of: id).map { entries.remove(at: $0).fault }
    }

    /// The faults that strike a connection, in the order in which they were added.
    package func strikes(on connection: UInt64) -> [(id: UInt32, fault: Fault)] {
        entries.filter { strikes($0, connection) }.map { ($0.id, $0.fault) }
    }

    /// Whether the fault strikes the connection.
    package func strikes(_ id: UInt32, on connection: UInt64) -> Bool {
        entries.last { $0.id == id }.map { strikes($0, connection) } ?? false
    }

    /// Counts that a fault has struck.
    package mutating func noteStrike(of id: UInt32) {
        if let index = entries.firstIndex(where: { $0.id == id }) { entries[index].struck += 1 }
    }

    /// How often a fault has struck.
    ///
    /// - Throws: `closed` for one that has been removed, `invalid` for a number that was never given.
    package func strikes(of id: UInt32) throws(ZMQSocketError) -> UInt64 {
        guard let index = try index(of: id) else {
            throw ZMQSocketError(.closed, message: "the fault has been removed")
        }
        return entries[index].struck
    }

    private func strikes(_ entry: Entry, _ connection: UInt64) -> Bool {
        guard !entry.fault.isOfProxy else { return false }
        if let count = entry.fault.count {
            guard connection > entry.since, connection - entry.since <= UInt64(count) else { return false }
        }
        guard entry.fault.share < 1 else { return true }
        var draw = Draw(seed, entry.id, connection, .share)
        return draw.fraction() < entry.fault.share
    }

    private func index(of id: UInt32) throws(ZMQSocketError) -> Int? {
        guard id > 0, id <= lastID else {
            throw ZMQSocketError(.invalid, message: "the proxy has never had a fault with the number \(id)")
        }
        return entries.firstIndex { $0.id == id }
    }
}
