// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// Handles for everything but sockets: 8 bits of kind, 32 of generation, 24 of index.
///
/// An index is used again with another generation, so a stale handle is an error for ever.
final class HandleTable<Value: Sendable>: Sendable {
    private struct Entry {
        var generation: UInt32 = 0
        /// The process it was made in, counted in forks.
        var epoch: UInt32 = 0
        var value: Value?
    }

    private struct State {
        var entries: [Entry] = []
        var free: [Int] = []
    }

    private static var maximumCount: Int { 1 << 24 }

    private let kind: UInt64
    private let state: Guarded<State>

    /// - Parameter kind: tells the handles of this table from those of others.
    init(kind: UInt8) {
        self.kind = UInt64(kind)
        state = Guarded(State())
        ForkGuard.protect(state)
    }

    /// Whether another handle can be had. For what must not be taken from somebody before it has a place.
    var hasRoom: Bool {
        state.withLock { !$0.free.isEmpty || $0.entries.count < Self.maximumCount }
    }

    /// - Throws: `limit` when every index is taken.
    func insert(_ value: Value) throws(ZMQSocketError) -> UInt64 {
        try state.withLock { state throws(ZMQSocketError) in
            let index: Int
            if let free = state.free.popLast() {
                index = free
            } else {
                guard state.entries.count < Self.maximumCount else {
                    throw ZMQSocketError(.limit, message: "too many handles are open")
                }
                index = state.entries.count
                state.entries.append(Entry())
            }
            state.entries[index].generation &+= 1
            if state.entries[index].generation == 0 { state.entries[index].generation = 1 }
            state.entries[index].value = value
            state.entries[index].epoch = ForkGuard.epoch
            return kind << 56 | UInt64(state.entries[index].generation) << 24 | UInt64(index)
        }
    }

    /// The same; a value that gets no handle is ended.
    func insert(_ value: Value, orEnd end: (Value) -> Void) throws(ZMQSocketError) -> UInt64 {
        do throws(ZMQSocketError) {
            return try insert(value)
        } catch {
            end(value)
            throw error
        }
    }

    /// One that is to be closed; nil if that has been done before.
    ///
    /// - Throws: `handle`, `forked`.
    func valueToClose(of id: UInt64) throws(ZMQSocketError) -> Value? {
        do throws(ZMQSocketError) {
            return try value(of: id)
        } catch {
            guard error.code == .closed else { throw error }
            return nil
        }
    }

    /// - Throws: `handle` for something that never was one of this table's, `closed` for one that is no more, `forked`
    ///   for one of the parent process.
    func value(of id: UInt64) throws(ZMQSocketError) -> Value {
        try state.withLock { state throws(ZMQSocketError) in
            let index = try self.index(of: id, in: state)
            guard let value = state.entries[index].value else { throw ZMQSocketError(.closed) }
            return value
        }
    }

    /// Takes the value out; nil if that has happened before.
    ///
    /// - Throws: `handle` for something that never was one of this table's.
    func remove(_ id: UInt64) throws(ZMQSocketError) -> Value? {
        do throws(ZMQSocketError) {
            return try state.withLock { state throws(ZMQSocketError) in
                let index = try self.index(of: id, in: state)
                guard let value = state.entries[index].value else { return nil }
                state.entries[index].value = nil
                state.free.append(index)
                return value
            }
        } catch {
            guard error.code == .closed else { throw error }
            return nil
        }
    }

    /// Takes out, of this process's values, those that are done with: their handles answer `closed` from now on.
    func removeAll(where isDone: (Value) -> Bool) {
        let values = state.withLock { state in
            state.entries.indices.compactMap { index -> Value? in
                guard state.entries[index].epoch == ForkGuard.epoch, let value = state.entries[index].value,
                    isDone(value)
                else { return nil }
                state.entries[index].value = nil
                state.free.append(index)
                return value
            }
        }
        // What goes with them goes without the lock.
        withExtendedLifetime(values) {}
    }

    private func index(of id: UInt64, in state: State) throws(ZMQSocketError) -> Int {
        let index = Int(id & 0xFF_FFFF)
        let generation = UInt32(truncatingIfNeeded: id >> 24)
        guard id >> 56 == kind, index < state.entries.count, generation != 0 else { throw ZMQSocketError(.handle) }
        let current = state.entries[index].generation
        if generation == current {
            guard state.entries[index].epoch == ForkGuard.epoch || state.entries[index].value == nil else {
                throw ZMQSocketError(.forked)
            }
            return index
        }
        throw ZMQSocketError(current &- generation < UInt32.max / 2 ? .closed : .handle)
    }
}
