// SPDX-License-Identifier: Apache-2.0

/// A random source that gives what it is told to, again from the start when it has come to the end.
public struct ScriptedRandom: RandomNumberGenerator, Sendable {
    private let script: [UInt64]
    private var index = 0

    /// These numbers, in this order.
    public init(_ script: [UInt64]) {
        self.script = script
    }

    /// Fractions of the unit interval, from 0 up to but without 1; any other number is the nearest of these.
    public init(fractions: [Double]) {
        script = fractions.map { UInt64(($0 >= 0 ? min($0, 1.nextDown) : 0) * 0x1p53) << 11 }
    }

    /// The next number of the script.
    public mutating func next() -> UInt64 {
        defer { index += 1 }
        return script.isEmpty ? 0 : script[index % script.count]
    }
}
