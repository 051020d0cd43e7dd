// SPDX-License-Identifier: Apache-2.0

import LibC

/// Many messages on their way, one behind the other in memory of their own.
@usableFromInline
@safe
final class OutgoingBatch: @unchecked Sendable {
    // Unchecked: it has one owner at a time, and does not change once it is made. Safe: the memory is its own.
    private var data: UnsafeMutableRawPointer?
    private var sizes: UnsafeMutablePointer<Int>?
    private var used = 0
    private var room = 0
    private var count = 0
    private var places = 0

    private init() {}

    /// - Throws: `noMemory`.
    @inlinable
    convenience init<Messages: Sequence>(
        _ messages: Messages
    ) throws(ZMQSocketError) where Messages.Element: Sequence<UInt8> {
        self.init(expecting: messages.underestimatedCount)
        for message in messages {
            let isCopied = message.withContiguousStorageIfAvailable { unsafe add(UnsafeRawBufferPointer($0)) }
            guard isCopied ?? add(Array(message)) else { throw ZMQSocketError.noMemory }
        }
    }

    @usableFromInline
    init(expecting count: Int) {
        _ = makePlaces(count)
    }

    deinit {
        unsafe free(data)
        unsafe free(sizes)
    }

    /// Adds a message; false without memory.
    @usableFromInline
    func add(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (end, overflow) = used.addingReportingOverflow(bytes.count)
        guard !overflow, end <= room || makeRoom(end), count < places || makePlaces(count + 1) else { return false }
        if let base = bytes.baseAddress {
            unsafe data?.advanced(by: used).copyMemory(from: base, byteCount: bytes.count)
        }
        unsafe sizes?.advanced(by: count).initialize(to: bytes.count)
        used = end
        count += 1
        return true
    }

    @usableFromInline
    func add(_ bytes: [UInt8]) -> Bool { unsafe bytes.withUnsafeBytes { unsafe add($0) } }

    private func makeRoom(_ size: Int) -> Bool {
        let larger = max(size, min(2 * room, 1 << 40), 4_096)
        guard let block = unsafe realloc(data, larger) else { return false }
        unsafe (data, room) = (block, larger)
        return true
    }

    private func makePlaces(_ number: Int) -> Bool {
        let larger = max(16, max(min(number, 1 << 20), 2 * places))
        guard let block = unsafe realloc(sizes, larger * MemoryLayout<Int>.stride) else { return false }
        unsafe (sizes, places) = (block.bindMemory(to: Int.self, capacity: larger), larger)
        return true
    }

    @usableFromInline
    func send(with socket: ZMQSocket, timeout: ZMQTimeout) throws(ZMQSocketError) -> Int {
        defer { withExtendedLifetime(self) {} }
        return try socket.sendAll(packed, timeout: timeout)
    }

    @usableFromInline
    nonisolated(nonsending) func send(with socket: ZMQSocket, timeout: ZMQTimeout) async throws(ZMQSocketError) -> Int {
        defer { withExtendedLifetime(self) {} }
        return try await socket.sendAll(packed, timeout: timeout)
    }

    /// Good for as long as the batch is there.
    private var packed: PackedMessages {
        unsafe PackedMessages(data, sizes: UnsafeBufferPointer(start: sizes, count: count))
    }
}

extension ZMQSocket {
    /// Blocks its thread.
    @usableFromInline
    func send(_ arrays: ArraySlice<[UInt8]>, timeout: ZMQTimeout) throws(ZMQSocketError) -> Int {
        try sendAll(ArrayMessages(arrays), timeout: timeout)
    }

    @usableFromInline
    nonisolated(nonsending) func send(
        _ arrays: ArraySlice<[UInt8]>,
        timeout: ZMQTimeout
    ) async throws(ZMQSocketError) -> Int {
        try await sendAll(ArrayMessages(arrays), timeout: timeout)
    }

    /// Blocks its thread.
    fileprivate func sendAll(
        _ messages: some OutgoingMessages,
        timeout: ZMQTimeout
    ) throws(ZMQSocketError) -> Int {
        var operation = SendManyOperation(messages, timeout: ZMQTimeout(milliseconds: try timeout.forThread()))
        do throws(ZMQSocketError) {
            while operation.isUnfinished {
                try handle.withCore { core throws(ZMQSocketError) in try core.perform(&operation) }
            }
        } catch {
            guard operation.sent > 0 else { throw error }
        }
        return operation.sent
    }

    fileprivate nonisolated(nonsending) func sendAll(
        _ messages: some OutgoingMessages,
        timeout: ZMQTimeout
    ) async throws(ZMQSocketError) -> Int {
        var operation = SendManyOperation(messages, timeout: try timeout.forTask())
        do throws(ZMQSocketError) {
            while operation.isUnfinished { try await SocketCore.perform(&operation, on: handle.rawValue) }
        } catch {
            guard operation.sent > 0 else { throw error }
        }
        return operation.sent
    }
}

extension ZMQSocketError {
    @usableFromInline static var noMemory: ZMQSocketError { ZMQSocketError(.noMemory) }
}

extension Sequence<UInt8> {
    /// Calls a function with the bytes, in place if they lie in one piece.
    @inlinable
    @safe
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe withContiguousStorageIfAvailable { unsafe body(UnsafeRawBufferPointer($0)) }
            ?? Array(self).withUnsafeBytes { unsafe body($0) }
    }
}
