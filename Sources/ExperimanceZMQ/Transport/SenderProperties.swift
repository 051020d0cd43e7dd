// SPDX-License-Identifier: Apache-2.0

import LibC

/// What libzmq knows of where a message has come from.
struct SenderProperties {
    /// Texts of C's, one behind the other, in the order of the names.
    private let texts: UnsafeMutablePointer<CChar>

    /// Nil where libzmq knows nothing, as of a message over inproc; also without memory.
    init?(of frame: inout Frame) {
        // Whoever has shaken hands has told its type.
        guard frame.propertyText(.socketType) != nil else { return nil }
        var size = 0
        for name in SenderProperty.allCases { size += frame.propertyText(name).map { strlen($0) } ?? 0 }
        guard let block = malloc(size + SenderProperty.allCases.count) else { return nil }
        texts = block.bindMemory(to: CChar.self, capacity: size + SenderProperty.allCases.count)
        var end = texts
        for name in SenderProperty.allCases {
            if let text = frame.propertyText(name) {
                let count = strlen(text)
                end.update(from: text, count: count)
                end += count
            }
            end.pointee = 0
            end += 1
        }
    }

    /// "" where the peer has none.
    func text(of property: SenderProperty) -> UnsafePointer<CChar> {
        var text = UnsafePointer(texts)
        for name in SenderProperty.allCases where name != property {
            if name.rawValue > property.rawValue { break }
            text += strlen(text) + 1
        }
        return text
    }

    func discard() { free(texts) }
}
