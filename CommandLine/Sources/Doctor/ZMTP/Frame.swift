// SPDX-License-Identifier: Apache-2.0

/// A frame of ZMTP 3, as far as it is looked at.
struct Frame: Equatable {
    let isCommand: Bool
    /// Another frame of the same message follows.
    let hasMore: Bool
    /// The beginning of what is in it; all of it in a command.
    let beginning: [UInt8]

    /// The bytes of a command.
    static func command(_ name: String, _ content: [UInt8] = []) -> [UInt8] {
        let body = [UInt8(truncatingIfNeeded: name.utf8.count)] + name.utf8 + content
        guard body.count > 255 else { return [4, UInt8(truncatingIfNeeded: body.count)] + body }
        return [6] + (0..<8).map { UInt8(truncatingIfNeeded: body.count >> (56 - 8 * $0)) } + body
    }
}

/// Cuts what comes over a connection into frames, and keeps of messages no more than their beginning.
struct FrameReader {
    /// A command that is longer is no command that anybody sends.
    private static let longestCommand: UInt64 = 65_536
    /// As much of a message as there is to be shown.
    private static let beginning: UInt64 = 256

    struct Breach: Error, Equatable {
        let words: String
    }

    private struct Head {
        let flags: UInt8
        let kept: Int
        /// What follows what is kept.
        let rest: UInt64
    }

    private var buffer: [UInt8] = []
    private var head: Head?
    private var toSkip: UInt64 = 0

    mutating func feed(_ bytes: some Collection<UInt8>) {
        let skipped = Int(min(toSkip, UInt64(bytes.count)))
        toSkip -= UInt64(skipped)
        buffer += bytes.dropFirst(skipped)
    }

    /// The next frame; nil until more has come.
    mutating func next() throws(Breach) -> Frame? {
        if head == nil { head = try readHead() }
        guard let found = head, buffer.count >= found.kept else { return nil }
        let content = Array(buffer.prefix(found.kept))
        buffer.removeFirst(found.kept)
        head = nil
        let atOnce = Int(min(found.rest, UInt64(buffer.count)))
        buffer.removeFirst(atOnce)
        toSkip = found.rest - UInt64(atOnce)
        return Frame(isCommand: found.flags & 4 != 0, hasMore: found.flags & 1 != 0, beginning: content)
    }

    private mutating func readHead() throws(Breach) -> Head? {
        guard let flags = buffer.first else { return nil }
        guard flags < 8, flags & 5 != 5 else {
            throw Breach(words: "a frame has the flags \(flags), which there are not")
        }
        let sizeLength = flags & 2 != 0 ? 8 : 1
        guard buffer.count > sizeLength else { return nil }
        let size = buffer[1...sizeLength].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard flags & 4 == 0 || size <= Self.longestCommand else { throw Breach(words: "a command has \(size) bytes") }
        buffer.removeFirst(1 + sizeLength)
        let kept = flags & 4 != 0 ? size : min(size, Self.beginning)
        return Head(flags: flags, kept: Int(kept), rest: size - kept)
    }
}
