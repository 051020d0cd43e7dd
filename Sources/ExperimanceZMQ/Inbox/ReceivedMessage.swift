// SPDX-License-Identifier: Apache-2.0

/// A message that has left libzmq: its parts, one after the other.
package struct ReceivedMessage: Hashable, Sendable {
    /// The bytes of all parts.
    package private(set) var bytes: [UInt8] = []
    /// Where each part but the last one ends: most messages need none.
    private var ends: [Int] = []
    package private(set) var partCount = 0

    init() {}

    /// The whole message whose first or next part is in the frame.
    ///
    /// Whole, because a message half read would make libzmq abort if its link were disconnected in between.
    ///
    /// - Parameter first: a part that has been taken already.
    init(_ frame: inout Frame, from socket: RawSocket, after first: UnsafeRawBufferPointer? = nil) {
        if let first { append(first) }
        repeat {
            frame.withBytes { append($0) }
        } while frame.hasMore && frame.receiveNextPart(from: socket)
    }

    mutating func append(_ part: UnsafeRawBufferPointer) {
        if partCount == 0 {
            bytes = Array(part)
        } else {
            ends.append(bytes.count)
            bytes += part
        }
        partCount += 1
    }

    package var totalSize: Int { bytes.count }

    /// The place of a part among the bytes; nil if there is no such part.
    package func range(ofPart index: Int) -> Range<Int>? {
        guard index >= 0, index < partCount else { return nil }
        return (index == 0 ? 0 : ends[index - 1])..<(index < ends.count ? ends[index] : bytes.count)
    }

    package func part(_ index: Int) -> ArraySlice<UInt8>? {
        range(ofPart: index).map { bytes[$0] }
    }

    /// A message of one part, cut in two at its first space: the wire form `topic SP payload`.
    ///
    /// A message without a space is a topic with an empty payload.
    func splitAtSpace() -> ReceivedMessage {
        guard partCount == 1 else { return self }
        var split = ReceivedMessage()
        bytes.withUnsafeBytes { all in
            let space = all.firstIndex(of: UInt8(ascii: " ")) ?? all.count
            split.append(UnsafeRawBufferPointer(rebasing: all[..<space]))
            split.append(UnsafeRawBufferPointer(rebasing: all[min(space + 1, all.count)...]))
        }
        return split
    }
}
