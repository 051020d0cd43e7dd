// SPDX-License-Identifier: Apache-2.0

import Shell

/// What is sent to measure.
public struct Load: Equatable, Sendable {
    /// Where to.
    public var endpoint: String
    /// Bytes of each part.
    public var size: Int
    /// Parts of each message.
    public var parts: Int

    /// - Parameters:
    ///   - endpoint: where to.
    ///   - size: bytes of each part.
    ///   - parts: parts of each message.
    public init(endpoint: String, size: Int, parts: Int) {
        (self.endpoint, self.size, self.parts) = (endpoint, size, parts)
    }

    /// Bytes of a message.
    public var total: Double { Double(size) * Double(parts) }

    var text: String {
        parts == 1
            ? Figures.count(UInt64(max(0, size)), "byte")
            : "\(parts) parts of \(Figures.count(UInt64(max(0, size)), "byte"))"
    }

    var members: [(name: String, value: JSONText)] {
        [
            (name: "endpoint", value: .text(endpoint)), (name: "size", value: .integer(Int64(size))),
            (name: "parts", value: .integer(Int64(parts))),
        ]
    }
}
