// SPDX-License-Identifier: Apache-2.0

/// What a key file says, in ZPL (RFC 4): sections, and in them names with values. czmq and pyzmq write it.
///
/// Any bytes may come in. Of the secret key nothing but its bytes is kept, and no error shows it.
struct CurveKeyFileText {
    /// A key file has a few hundred bytes.
    static var longest: Int { 1 << 16 }

    private(set) var publicKey: ZMQCurvePublicKey?
    private(set) var pair: ZMQCurveKeyPair?
    /// What is said of the key, for people: who has it, for one.
    private(set) var metadata: [(name: String, value: String)] = []

    /// - Throws: `invalid` with the line to blame, and `notSupported` for a secret key where libzmq has no CURVE.
    init(_ text: UnsafeRawBufferPointer) throws(ZMQSocketError) {
        var section = Section.other
        var (start, number) = (0, 0)
        while start < text.count {
            let end = unsafe text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            number += 1
            let line = unsafe Line(UnsafeRawBufferPointer(rebasing: text[start..<end]))
            start = end + 1
            guard unsafe !line.name.isEmpty else { continue }
            if unsafe !line.isIndented {
                section = unsafe Section(line)
            } else if section == .curve || section == .metadata {
                try unsafe take(line, of: section, number)
            }
        }
        guard publicKey != nil || pair != nil else {
            throw ZMQSocketError(.invalid, message: "it has no section \"curve\" with a public-key or a secret-key")
        }
        if let pair, let publicKey, pair.publicKey != publicKey {
            throw ZMQSocketError(.invalid, message: "its public-key is not the one of its secret-key")
        }
        publicKey = pair?.publicKey ?? publicKey
    }

    private mutating func take(_ line: Line, of section: Section, _ number: Int) throws(ZMQSocketError) {
        guard let value = unsafe section == .curve ? line.word : line.text else {
            throw ZMQSocketError(.invalid, message: "line \(number): a quotation that does not end")
        }
        func refuseSecond(_ isThere: Bool) throws(ZMQSocketError) {
            guard !isThere else { throw ZMQSocketError(.invalid, message: "line \(number): the same key once more") }
        }
        switch section {
        case .metadata:
            unsafe metadata.append((String(printable: line.name), String(printable: value)))
        case .curve where unsafe line.name.elementsEqual("public-key".utf8):
            try refuseSecond(publicKey != nil)
            publicKey = try unsafe ZMQCurvePublicKey(text: value, named: "line \(number): public-key")
        case .curve where unsafe line.name.elementsEqual("secret-key".utf8):
            try refuseSecond(pair != nil)
            pair = try unsafe ZMQCurveKeyPair(secretText: value, named: "line \(number): secret-key")
        case .curve, .other:
            break
        }
    }

    private enum Section {
        case curve
        case metadata
        case other

        init(_ line: Line) {
            self =
                unsafe line.name.elementsEqual("curve".utf8)
                ? .curve : line.name.elementsEqual("metadata".utf8) ? .metadata : .other
        }
    }
}

/// One line: a name, and perhaps a value. Comments have no name.
@unsafe
private struct Line {
    typealias Bytes = UnsafeRawBufferPointer

    let isIndented: Bool
    let name: Bytes
    /// What is behind the `=`; empty without one.
    private let rest: Bytes

    init(_ bytes: Bytes) {
        let line = unsafe Self.trimmed(bytes)
        unsafe isIndented = bytes.first?.isBlank ?? false
        let end = unsafe line.firstIndex { $0.isBlank || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "#") }
        unsafe name = Bytes(rebasing: line[..<(end ?? line.count)])
        let behind = unsafe Self.trimmed(Bytes(rebasing: line[(end ?? line.count)...]))
        let hasValue = unsafe behind.first == UInt8(ascii: "=")
        unsafe rest = hasValue ? Self.trimmed(Bytes(rebasing: behind.dropFirst())) : Bytes(rebasing: behind.prefix(0))
    }

    /// The value up to a comment; nil for a quotation without an end.
    var text: Bytes? {
        if unsafe isQuoted { return unsafe quotation }
        let end = unsafe rest.firstIndex(of: UInt8(ascii: "#")) ?? rest.count
        return unsafe Self.trimmed(Bytes(rebasing: rest[..<end]))
    }

    /// The value up to a blank: a key may have a `#` in it, and pyzmq reads one without quotes.
    var word: Bytes? {
        if unsafe isQuoted { return unsafe quotation }
        return unsafe Bytes(rebasing: rest[..<(rest.firstIndex { $0.isBlank } ?? rest.count)])
    }

    private var isQuoted: Bool {
        unsafe rest.first == UInt8(ascii: "\"") || rest.first == UInt8(ascii: "'")
    }

    private var quotation: Bytes? {
        guard let quote = unsafe rest.first, let end = unsafe rest.dropFirst().firstIndex(of: quote) else { return nil }
        return unsafe Bytes(rebasing: rest[1..<end])
    }

    private static func trimmed(_ bytes: Bytes) -> Bytes {
        let start = unsafe bytes.firstIndex { !$0.isBlank } ?? bytes.count
        let end = unsafe bytes.lastIndex { !$0.isBlank }.map { $0 + 1 } ?? start
        return unsafe Bytes(rebasing: bytes[start..<end])
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\r")
    }
}
