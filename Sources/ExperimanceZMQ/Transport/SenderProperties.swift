// SPDX-License-Identifier: Apache-2.0

import LibC

/// What libzmq knows of where a message has come from.
@safe
struct SenderProperties {
    /// Texts of C's, one behind the other, in the order of the names.
    private let texts: UnsafeMutablePointer<CChar>

    /// Nil where libzmq knows nothing, as of a message over inproc; also without memory.
    ///
    /// - Parameter believesUserIDs: they are from the program's own handler.
    init?(of frame: inout Frame, believesUserIDs: Bool) {
        // Whoever has shaken hands has told its type.
        guard unsafe frame.propertyText(.socketType, believesUserIDs: believesUserIDs) != nil else { return nil }
        let copied = unsafe withUnsafeTemporaryAllocation(
            of: UnsafeBufferPointer<CChar>.self,
            capacity: SenderProperty.allCases.count
        ) { found in
            // libzmq looks each of them up in a table of texts.
            var size = 0
            for name in SenderProperty.allCases {
                let text = unsafe frame.propertyText(name, believesUserIDs: believesUserIDs)
                let count = unsafe text.map { unsafe strlen($0) } ?? 0
                unsafe found[name.rawValue] = unsafe UnsafeBufferPointer(start: text, count: count)
                size += count + 1
            }
            return unsafe Self.copy(found, size: size)
        }
        guard let copied = unsafe copied else { return nil }
        unsafe texts = copied
    }

    /// - Parameter size: bytes of all of them, with a NUL behind each.
    private static func copy(
        _ found: UnsafeMutableBufferPointer<UnsafeBufferPointer<CChar>>,
        size: Int
    ) -> UnsafeMutablePointer<CChar>? {
        guard let block = unsafe malloc(size) else { return nil }
        let texts = unsafe block.bindMemory(to: CChar.self, capacity: size)
        var end = unsafe texts
        for index in found.indices {
            let text = unsafe found[index]
            if let start = text.baseAddress { unsafe end.update(from: start, count: text.count) }
            unsafe end += text.count
            unsafe end.pointee = 0
            unsafe end += 1
        }
        return unsafe texts
    }

    /// "" where the peer has none.
    func text(of property: SenderProperty) -> UnsafePointer<CChar> {
        var text = unsafe UnsafePointer(texts)
        for name in SenderProperty.allCases where name != property {
            if name.rawValue > property.rawValue { break }
            unsafe text += strlen(text) + 1
        }
        return unsafe text
    }

    /// Unsafe, as copies of it go on having what is freed here.
    @unsafe
    func discard() { unsafe free(texts) }
}
