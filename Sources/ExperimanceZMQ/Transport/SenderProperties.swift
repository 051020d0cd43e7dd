// SPDX-License-Identifier: Apache-2.0

import LibC

/// What libzmq knows of where a message has come from.
@safe
struct SenderProperties {
    /// Texts of C's, one behind the other, in the order of the names.
    private let texts: UnsafeMutablePointer<CChar>

    /// Nil where libzmq knows nothing, as of a message over inproc; also without memory.
    init?(of frame: inout Frame) {
        // Whoever has shaken hands has told its type.
        guard unsafe frame.propertyText(.socketType) != nil else { return nil }
        var size = 0
        for name in SenderProperty.allCases { unsafe size += frame.propertyText(name).map { unsafe strlen($0) } ?? 0 }
        guard let block = unsafe malloc(size + SenderProperty.allCases.count) else { return nil }
        unsafe texts = block.bindMemory(to: CChar.self, capacity: size + SenderProperty.allCases.count)
        var end = unsafe texts
        for name in SenderProperty.allCases {
            if let text = unsafe frame.propertyText(name) {
                let count = unsafe strlen(text)
                unsafe end.update(from: text, count: count)
                unsafe end += count
            }
            unsafe end.pointee = 0
            unsafe end += 1
        }
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
