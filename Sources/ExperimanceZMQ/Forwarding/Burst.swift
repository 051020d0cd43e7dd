// SPDX-License-Identifier: Apache-2.0

import DequeModule
import LibC

/// Messages on their way from one socket to another, first come first: libzmq's own frames, with all parts of each.
///
/// In front are those that the socket had held for a receive: they are the older ones. The memory for the frames is
/// C's, as its allocator says when there is none left, and stays for the next messages.
@safe
final class Burst {
    /// Where a message's frames are.
    private struct Record {
        let start: Int
        let parts: Int
        let size: Int
    }

    /// The most messages that are taken at once.
    private static let limit = 256
    /// Bytes after which no more are taken: long messages go one by one.
    private static let sizeLimit = 256 << 10
    /// Frames for which there is room all the time; and the most that stay when they are not needed any more.
    private static let usualRoom = 512
    private static let largestRoom = 8_192

    private var held: Deque<ReceivedMessage> = []
    private var frames: UnsafeMutablePointer<Frame>
    private var room = 0
    /// Frames in front of the first one that is free.
    private var used = 0
    private var records: [Record] = []
    /// The record of the first message that is still here.
    private var first = 0
    private var size = 0

    /// Nil without memory.
    init?() {
        guard let frames = unsafe Self.resized(nil, from: 0, to: Self.usualRoom) else { return nil }
        unsafe self.frames = frames
        room = Self.usualRoom
        records.reserveCapacity(Self.limit)
    }

    deinit {
        unsafe frames.deinitialize(count: room)
        unsafe free(frames)
    }

    var isEmpty: Bool { held.isEmpty && first == records.count }

    var count: Int { held.count + records.count - first }

    /// Whether another message may be taken.
    var hasRoom: Bool { held.count + records.count < Self.limit && size < Self.sizeLimit }

    // MARK: Adding

    /// Adds a message that had been received before.
    func hold(_ message: ReceivedMessage) {
        held.append(message)
        size += message.totalSize
    }

    /// Receives a message with all its parts. Its bytes, or -1 with errno: `ENOMEM` if it is gone for want of memory,
    /// and then there may be others; `EAGAIN` also where there is no memory to begin with it behind those in here.
    func receive(from socket: RawSocket) -> Int {
        guard makeRoom(for: used + 1) else { return failed(EAGAIN) }
        var (parts, total) = unsafe (1, frames[used].receive(from: socket))
        guard total >= 0 else { return -1 }
        while unsafe frames[used + parts - 1].hasMore {
            guard makeRoom(for: used + parts + 1) else {
                // libzmq wants it to be read to its end.
                repeat {} while unsafe frames[used].receiveNextPart(from: socket) && frames[used].hasMore
                return failed(ENOMEM)
            }
            guard unsafe frames[used + parts].receiveNextPart(from: socket) else { break }
            total += unsafe frames[used + parts].count
            parts += 1
        }
        add(parts, total)
        return total
    }

    /// Adds the first message of another burst, which keeps it; false without memory.
    func addCopy(ofFirstIn other: Burst) -> Bool {
        if let message = other.held.first {
            hold(message)
            return true
        }
        let record = other.records[other.first]
        guard makeRoom(for: used + record.parts) else { return false }
        for part in 0..<record.parts {
            guard let copy = unsafe Frame(sharing: &other.frames[record.start + part]) else { return false }
            unsafe frames[used + part] = copy
        }
        add(record.parts, record.size)
        return true
    }

    private func add(_ parts: Int, _ total: Int) {
        records.append(Record(start: used, parts: parts, size: total))
        used += parts
        size += total
    }

    private func failed(_ number: Int32) -> Int {
        errno = number
        return -1
    }

    /// Lets `body` look at the two frames with which the newest message begins, and change them. False if it has one.
    func changeNewest(_ body: (inout Frame, inout Frame) -> Void) -> Bool {
        guard let record = records.last, record.parts > 1 else { return false }
        unsafe body(&frames[record.start], &frames[record.start + 1])
        return true
    }

    // MARK: Removing

    /// The bytes and the parts of the first message; nil if there is none.
    var next: (size: Int, parts: Int)? {
        if let message = held.first { return (message.totalSize, message.partCount) }
        guard first < records.count else { return nil }
        return (records[first].size, records[first].parts)
    }

    /// Whether one part of the first message is as asked for.
    func isThereInFirst(_ isIt: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        if let message = held.first {
            return (0..<message.partCount).contains { message.withPart($0) { unsafe isIt($0) } ?? false }
        }
        guard first < records.count else { return false }
        let record = records[first]
        return (record.start..<record.start + record.parts).contains { unsafe frames[$0].withBytes(isIt) }
    }

    /// Sends the first message without waiting. Negative, with errno, if it was not taken: `EAGAIN` and `ENOMEM` if it
    /// is still here as it was.
    func sendFirst(to socket: RawSocket) -> Int32 {
        if let message = held.first {
            guard let parts = message.share() else { return Int32(failed(ENOMEM)) }
            return unsafe parts.send(to: socket)
        }
        let record = records[first]
        guard record.parts > 1 else { return unsafe frames[record.start].send(to: socket) }
        // Of these libzmq may take some and drop them: those that are kept are whole.
        guard makeRoom(for: used + record.parts) else { return Int32(failed(ENOMEM)) }
        for part in 0..<record.parts {
            guard let copy = unsafe Frame(sharing: &frames[record.start + part]) else { return Int32(failed(ENOMEM)) }
            unsafe frames[used + part] = copy
        }
        let status = unsafe OutgoingMessage.send(frames + used, count: record.parts, to: socket)
        guard status < 0 else { return status }
        let number = errno
        for part in 0..<record.parts { unsafe frames[used + part] = Frame() }
        return Int32(failed(number))
    }

    /// Has done with the first message.
    func removeFirst() {
        if held.popFirst() == nil {
            empty(records[first])
            first += 1
        }
        if isEmpty { removeAll() }
    }

    /// Takes back what was added last.
    func removeLast() {
        if let record = records.popLast() {
            empty(record)
            used = record.start
            size -= record.size
        } else if let message = held.popLast() {
            size -= message.totalSize
        }
    }

    /// Has done with all of them.
    func removeAll() {
        for record in records[first...] { empty(record) }
        held.removeAll()
        records.removeAll(keepingCapacity: true)
        (first, used, size) = (0, 0, 0)
        if room > Self.largestRoom, let smaller = unsafe Self.resized(frames, from: room, to: Self.usualRoom) {
            unsafe (frames, room) = (smaller, Self.usualRoom)
        }
    }

    /// Gives back what was not sent: it may be a sender's memory, who waits for it, and nobody knows when the next
    /// message comes.
    private func empty(_ record: Record) {
        for place in record.start..<record.start + record.parts { unsafe frames[place] = Frame() }
    }

    /// Takes them all out, the newest first; what there is no memory for is gone.
    ///
    /// - Parameter believesUserIDs: those of the senders are from the program's own handler.
    func takeAll(believesUserIDs: Bool, _ body: (ReceivedMessage?) -> Void) {
        for record in records[first...].reversed() {
            let frames = unsafe frames + record.start
            unsafe body(ReceivedMessage(frames, count: record.parts, believesUserIDs: believesUserIDs))
        }
        for message in held.reversed() { body(message) }
        removeAll()
    }

    // MARK: Room

    private func makeRoom(for number: Int) -> Bool {
        guard number > room else { return true }
        let larger = max(number, 2 * room)
        guard let frames = unsafe Self.resized(frames, from: room, to: larger) else { return false }
        unsafe (self.frames, room) = (frames, larger)
        return true
    }

    /// As many frames, those beyond the former ones empty; nil without memory, and those that stay are as they were.
    private static func resized(
        _ frames: UnsafeMutablePointer<Frame>?,
        from old: Int,
        to new: Int
    ) -> UnsafeMutablePointer<Frame>? {
        if new < old, let frames = unsafe frames {
            for index in new..<old { unsafe frames[index] = Frame() }
        }
        // They may be moved as they are: nothing in libzmq has the address of a message that is at rest.
        guard let block = unsafe realloc(frames, new * MemoryLayout<Frame>.stride) else { return nil }
        let resized = unsafe block.bindMemory(to: Frame.self, capacity: new)
        for index in min(old, new)..<new { unsafe (resized + index).initialize(to: Frame()) }
        return unsafe resized
    }
}
