// SPDX-License-Identifier: Apache-2.0

import LibC

/// The parts of a received message. Most messages have one.
@safe
final class MessageContent: @unchecked Sendable {
    // Unchecked: after it has been filled only `settle`, `aligned` and `copyOfRest` change it, which have one caller at
    // a time. Safe: the parts are its own.
    private var first: FramePart?
    private var others: UnsafeMutablePointer<FramePart>?
    private var room = 0
    private(set) var count = 0
    private(set) var totalSize = 0
    private var sender: SenderProperties?
    /// libzmq's message that still knows the sender, of one that nobody keeps.
    private var origin: Frame?
    /// What follows a cut, once it has a place of its own.
    private var rest: FramePart?
    /// User ids are from the program's own handler, and not from the peers.
    private let believesUserIDs: Bool
    private let keepsMetadata: Bool
    /// Another message of libzmq's with the same bytes, which knows the sender: in place of ``sender``.
    private var metadata: Frame?

    init(believesUserIDs: Bool = false, keepsMetadata: Bool = false) {
        self.believesUserIDs = believesUserIDs
        self.keepsMetadata = keepsMetadata
    }

    deinit {
        unsafe first?.discard()
        unsafe rest?.discard()
        unsafe sender?.discard()
        for index in 0..<max(0, count - 1) { unsafe others?[index].discard() }
        unsafe free(others)
    }

    /// Adds a part.
    ///
    /// - Returns: false without memory; also for a part that is nil for want of it.
    func add(_ part: FramePart?) -> Bool {
        guard var part else { return false }
        if count == 0 {
            first = part
        } else {
            guard makeRoom(for: count) else {
                unsafe part.discard()
                return false
            }
            unsafe others?.advanced(by: count - 1).initialize(to: part)
        }
        count += 1
        unsafe totalSize += part.bytes.count
        return true
    }

    /// An array would end the process without memory, and it is the peer that chooses the number of parts.
    private func makeRoom(for number: Int) -> Bool {
        guard number > room else { return true }
        let larger = max(4, 2 * room)
        guard let block = unsafe realloc(others, larger * MemoryLayout<FramePart>.stride) else { return false }
        unsafe others = block.bindMemory(to: FramePart.self, capacity: larger)
        room = larger
        return true
    }

    func bytes(of index: Int) -> UnsafeRawBufferPointer? {
        guard index >= 0, index < count else { return nil }
        return unsafe index == 0 ? first?.bytes : others?[index - 1].bytes
    }

    /// Notes what libzmq knows of where the message has come from.
    func noteSender(of frame: inout Frame) {
        if keepsMetadata {
            metadata = Frame(sharing: &frame)
            return
        }
        sender = SenderProperties(of: &frame, believesUserIDs: believesUserIDs)
    }

    /// The same, once somebody keeps the message: until then the frame, which is empty now, is kept for that.
    func noteOrigin(of frame: inout Frame) { origin = Frame(moving: &frame) }

    /// Somebody keeps the message.
    func settle() {
        guard var frame = origin.take() else { return }
        noteSender(of: &frame)
    }

    /// Nil where nothing is known.
    func text(of property: SenderProperty) -> UnsafePointer<CChar>? {
        guard keepsMetadata else { return unsafe sender?.text(of: property) }
        return unsafe metadata?.propertyText(property, believesUserIDs: believesUserIDs)
    }

    /// The same by any name.
    func text(named name: UnsafePointer<CChar>) -> UnsafePointer<CChar>? {
        unsafe metadata?.metadataText(name, believesUserIDs: believesUserIDs)
    }

    /// The parts for somebody else, who has them for as long as libzmq needs them. Nil without memory.
    func share() -> SharedParts? {
        unsafe SharedParts(count: count, size: totalSize) { index, message in
            unsafe index == 0
                ? first?.share(as: message, owner: self) == true
                : others?[index - 1].share(as: message, owner: self) == true
        }
    }

    /// A part at an address that fits any type of C's; nil without memory.
    func aligned(_ index: Int) -> UnsafeRawBufferPointer? {
        guard index > 0 else { return unsafe first?.align() == true ? first?.bytes : nil }
        return unsafe others?[index - 1].align() == true ? others?[index - 1].bytes : nil
    }

    /// The same for what follows a cut.
    func copyOfRest(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        if rest == nil { rest = unsafe FramePart(copying: bytes) }
        return unsafe rest?.bytes
    }
}
