// SPDX-License-Identifier: Apache-2.0

import LibC

/// A message that has left libzmq, with all its parts.
package struct ReceivedMessage: Sendable {
    private let content: MessageContent
    /// Where a message of one part is cut in two, and how many bytes are left out there.
    private var cut: (place: Int, gap: Int)?

    private init(_ content: MessageContent) {
        self.content = content
    }

    /// The whole message whose first or next part is in the frame.
    ///
    /// Whole, because a message half read would make libzmq abort if its link were disconnected in between. Nil without
    /// memory for the list of its parts; it is gone then.
    ///
    /// - Parameters:
    ///   - first: a part that has been taken already.
    ///   - isPassing: the message goes no further than the call that has asked for it, unless it is settled.
    ///   - believesUserIDs: the sender's is from the program's own handler.
    ///   - keepsMetadata: whatever libzmq knows of the sender can be asked for.
    init?(
        _ frame: inout Frame,
        from socket: RawSocket,
        after first: UnsafeRawBufferPointer? = nil,
        isPassing: Bool = false,
        believesUserIDs: Bool,
        keepsMetadata: Bool = false
    ) {
        let content = MessageContent(believesUserIDs: believesUserIDs, keepsMetadata: keepsMetadata)
        // What is long takes its frame along.
        let keepsFrame = isPassing && !frame.hasMore && frame.count < FramePart.shortSize
        if !keepsFrame { content.noteSender(of: &frame) }
        var isComplete = unsafe first.map { unsafe content.add(FramePart(copying: $0)) } ?? true
        // A frame that is moved does not know it any more.
        var hasMore = frame.hasMore
        isComplete = content.add(FramePart(&frame)) && isComplete
        while hasMore, unsafe frame.receiveNextPart(from: socket) {
            hasMore = frame.hasMore
            isComplete = content.add(FramePart(&frame)) && isComplete
        }
        guard isComplete else { return nil }
        if keepsFrame { content.noteOrigin(of: &frame) }
        self.init(content)
    }

    /// Whoever keeps a message that was to pass does this first, while nobody else has it: it is noted then where it
    /// has come from, which takes longer than a short message does to receive.
    func settle() { content.settle() }

    /// The message whose parts are these frames, which are empty then; nil without memory, and what is not in a frame
    /// any more is gone.
    init?(_ frames: UnsafeMutablePointer<Frame>, count: Int, believesUserIDs: Bool) {
        let content = MessageContent(believesUserIDs: believesUserIDs)
        // What stands in front for a peer's name is libzmq's, and does not always tell where it has come from.
        unsafe content.noteSender(of: &frames[min(1, count - 1)])
        for index in 0..<count {
            guard unsafe content.add(FramePart(&frames[index])) else { return nil }
        }
        self.init(content)
    }

    /// One with these parts; nil without memory.
    package init?(copying parts: [UnsafeRawBufferPointer]) {
        let content = MessageContent()
        guard unsafe parts.allSatisfy({ unsafe content.add(FramePart(copying: $0)) }) else { return nil }
        self.init(content)
    }

    /// The same of arrays.
    init?(copying parts: [[UInt8]]) {
        let content = MessageContent()
        for part in parts {
            guard unsafe content.add(part.withUnsafeBytes { unsafe FramePart(copying: $0) }) else { return nil }
        }
        self.init(content)
    }

    package var partCount: Int { cut == nil ? content.count : 2 }

    /// Bytes of all parts.
    package var totalSize: Int { content.totalSize - (cut?.gap ?? 0) }

    /// The bytes of a part, for as long as the message is there; nil if there is no such part.
    package func bytes(ofPart index: Int) -> UnsafeRawBufferPointer? {
        guard let cut else { return unsafe content.bytes(of: index) }
        guard let all = unsafe content.bytes(of: 0) else { return nil }
        switch index {
        case 0: return unsafe UnsafeRawBufferPointer(rebasing: all[..<cut.place])
        case 1: return unsafe UnsafeRawBufferPointer(rebasing: all[(cut.place + cut.gap)...])
        default: return nil
        }
    }

    @safe
    package func withPart<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        withExtendedLifetime(content) { unsafe bytes(ofPart: index).map(body) }
    }

    /// A part as an array. Nil without memory for it, or if there is no such part.
    package func part(_ index: Int) -> [UInt8]? {
        withPart(index) { bytes in unsafe Memory.isThere(bytes.count) ? Array(bytes) : nil } ?? nil
    }

    /// Where a part is in C's memory, at an address that fits any type; the same whenever it is asked for. To be asked
    /// by one thread at a time.
    ///
    /// - Throws: `noMemory`; `invalid` if there is no such part.
    package func lastingBytes(ofPart index: Int) throws(ZMQSocketError) -> UnsafeRawBufferPointer {
        guard let bytes = unsafe bytes(ofPart: index) else {
            throw ZMQSocketError(.invalid, message: "there is no part \(index)")
        }
        guard let lasting = unsafe cut != nil && index > 0 ? content.copyOfRest(bytes) : content.aligned(index) else {
            throw ZMQSocketError(.noMemory)
        }
        return unsafe UnsafeRawBufferPointer(start: lasting.baseAddress, count: bytes.count)
    }

    /// Calls a function with what is known of the peer it came from: a text of C's, "" where it has none; nil where
    /// nothing is known.
    package func withProperty<R>(_ property: SenderProperty, _ body: (UnsafePointer<CChar>?) -> R) -> R {
        withExtendedLifetime(content) { unsafe body(content.text(of: property)) }
    }

    /// The same for anything that libzmq has under a name, where that is kept.
    package func withMetadata<R>(_ name: UnsafePointer<CChar>, _ body: (UnsafePointer<CChar>?) -> R) -> R {
        withExtendedLifetime(content) { unsafe body(content.text(named: name)) }
    }

    /// As it came, for somebody else; nothing that is long is copied. Nil without memory.
    package func share() -> SharedParts? { content.share() }

    /// As it came.
    package var uncut: ReceivedMessage { ReceivedMessage(content) }

    /// A message of one part, cut in two at its first space: the wire form `topic SP payload`.
    ///
    /// A message without a space is a topic with an empty payload.
    func splitAtSpace() -> ReceivedMessage {
        guard partCount == 1, let all = unsafe content.bytes(of: 0) else { return self }
        var split = self
        let space = unsafe all.firstIndex(of: UInt8(ascii: " "))
        split.cut = (space ?? all.count, space == nil ? 0 : 1)
        return split
    }
}
