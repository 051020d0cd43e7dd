// SPDX-License-Identifier: Apache-2.0

/// The connections of a ROUTER, whose ends libzmq may keep to itself.
///
/// It does not read a connection whose queue is full. When that ends, it says so once the queue has room again. But
/// when another connection brings the same identity it takes the queue away, and then it never does: the descriptor
/// stays open until the socket is closed. So the connections are looked at when one has been added.
struct UntoldEnds {
    struct Connection: Equatable {
        let descriptor: Int32
        /// The kernel's name for it.
        let cookie: UInt64
    }

    private struct Entry {
        let connection: Connection
        /// Another one has its identity.
        var isDisplaced = false
        /// It was over at the last look. libzmq may have been about to say so.
        var isOver = false
        /// And nothing was left to be received then: so its queue was not full.
        var wasDrained = false
    }

    private var entries: [Entry] = []
    /// Looks are being made.
    private var isLooking = false
    private var looksAtAll = false

    mutating func opened(_ connection: Connection) {
        entries.removeAll { $0.connection.descriptor == connection.descriptor }
        entries.append(Entry(connection: connection))
    }

    mutating func displaced(_ connection: Connection) {
        guard let index = entries.firstIndex(where: { $0.connection == connection }) else { return }
        entries[index].isDisplaced = true
    }

    /// - Parameter all: whether any may be over; otherwise only those that have lost their identity.
    /// - Returns: whether a look is to be arranged; otherwise that has been done.
    mutating func beginLooking(at all: Bool) -> Bool {
        guard !entries.isEmpty else { return false }
        looksAtAll = looksAtAll || all
        defer { isLooking = true }
        return !isLooking
    }

    /// Looks at each.
    ///
    /// - Parameters:
    ///   - isDrained: whether there is nothing to be received.
    ///   - isOpen: whether libzmq still has the connection's descriptor open.
    ///   - isAlive: whether neither side has ended it.
    /// - Returns: those whose end nobody has told, and whether to look again.
    mutating func look(
        isDrained: Bool,
        isOpen: (Connection) -> Bool,
        isAlive: (Connection) -> Bool
    ) -> (untold: [Connection], again: Bool) {
        let looked = entries.indices.filter { looksAtAll || entries[$0].isDisplaced || entries[$0].isOver }
        looksAtAll = false
        var (untold, gone): (Set<Int32>, Set<Int32>) = ([], [])
        for index in looked {
            let connection = entries[index].connection
            guard isOpen(connection) else {
                gone.insert(connection.descriptor)
                continue
            }
            let isOver = !isAlive(connection)
            if isOver, entries[index].isOver, entries[index].isDisplaced || entries[index].wasDrained {
                untold.insert(connection.descriptor)
            }
            entries[index].isOver = isOver
            entries[index].wasDrained = isOver && isDrained
        }
        let told = entries.map(\.connection).filter { untold.contains($0.descriptor) }
        entries.removeAll { untold.contains($0.connection.descriptor) || gone.contains($0.connection.descriptor) }
        isLooking = entries.contains { $0.isDisplaced || $0.isOver }
        return (told, isLooking)
    }
}
