// SPDX-License-Identifier: Apache-2.0

/// What the two sides of a measurement say to each other. It stands at the beginning of a message's last part:
///
///     3 bytes   "exz"
///     1 byte    the kind
///     4 bytes   the run: a number that the measuring side has drawn
///     8 bytes   a number
///     8 bytes   each field, in a kind that has them
///
/// Numbers have their lowest byte first.
public struct MeasuringMessage: Equatable, Sendable {
    /// What it is for.
    public enum Kind: UInt8, Sendable {
        /// The measuring side is there; its number is the version of all this.
        case hello = 0x48
        /// The other side is; its number is its version.
        case welcome = 0x57
        /// Numbered messages follow, and each time that so many of them have come that is to be said.
        case begin = 0x42
        /// One of them.
        case item = 0x4D
        /// So many have come.
        case progress = 0x50
        /// That was the last of so many.
        case end = 0x45
        /// So many have come; the fields are what was lost, came twice and came out of order.
        case report = 0x52
        /// It is to be sent back as it is.
        case echo = 0x4C
        /// The measuring side has done.
        case bye = 0x51

        fileprivate var fieldCount: Int { self == .report ? 3 : 0 }
    }

    /// Of what is on the wire.
    public static let version: UInt64 = 1
    /// Bytes of one without fields; no message that is measured can be smaller.
    public static let size = 16

    /// What it is for.
    public var kind: Kind
    /// Of which measuring side's.
    public var run: UInt32
    /// What it is depends on the kind.
    public var number: UInt64
    /// Further numbers, where the kind has some.
    public var fields: [UInt64]

    /// - Parameters:
    ///   - kind: what it is for.
    ///   - run: of which measuring side's.
    ///   - number: what the kind says.
    ///   - fields: as many as the kind has.
    public init(_ kind: Kind, run: UInt32, number: UInt64 = 0, fields: [UInt64] = []) {
        (self.kind, self.run, self.number, self.fields) = (kind, run, number, fields)
    }

    /// What stands in a part; nil for what is none of these.
    public init?(_ part: RawSpan) {
        let bytes = Span<UInt8>(_bytes: part)
        guard bytes.count >= Self.size, bytes[0] == 0x65, bytes[1] == 0x78, bytes[2] == 0x7A,
            let kind = Kind(rawValue: bytes[3]), bytes.count >= Self.size + 8 * kind.fieldCount
        else { return nil }
        self.kind = kind
        run = UInt32(truncatingIfNeeded: Self.read(bytes, at: 4, count: 4))
        number = Self.read(bytes, at: 8, count: 8)
        fields = (0..<kind.fieldCount).map { Self.read(bytes, at: Self.size + 8 * $0, count: 8) }
    }

    /// The bytes.
    public var written: [UInt8] {
        var bytes: [UInt8] = [0x65, 0x78, 0x7A, kind.rawValue]
        Self.write(UInt64(run), count: 4, to: &bytes)
        for number in [number] + fields { Self.write(number, count: 8, to: &bytes) }
        return bytes
    }

    /// Gives a message that has been written another number.
    public static func renumber(_ bytes: inout [UInt8], _ number: UInt64) {
        guard bytes.count >= size else { return }
        for index in 0..<8 { bytes[8 + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index)) }
    }

    private static func read(_ bytes: Span<UInt8>, at place: Int, count: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in 0..<count { number |= UInt64(bytes[place + index]) << UInt64(8 * index) }
        return number
    }

    private static func write(_ number: UInt64, count: Int, to bytes: inout [UInt8]) {
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index))) }
    }
}
