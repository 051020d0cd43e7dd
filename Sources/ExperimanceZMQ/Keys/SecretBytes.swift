// SPDX-License-Identifier: Apache-2.0

import LibC

/// A key or a password: wiped when nobody has it any more, and in no description.
///
/// In C's memory, as Swift moves and copies its own values without a word.
@safe
package final class SecretBytes: @unchecked Sendable {
    // Unchecked: nothing changes the bytes between their making and their end. Safe: they are this object's alone.
    private let start: UnsafeMutableRawPointer
    package let count: Int

    /// - Parameter fill: writes the bytes, which are zero before.
    @safe
    package init(
        count: Int,
        _ fill: (UnsafeMutableRawBufferPointer) throws(ZMQSocketError) -> Void
    ) throws(ZMQSocketError) {
        guard let start = unsafe calloc(max(count, 1), 1) else { throw ZMQSocketError(.noMemory) }
        unsafe self.start = start
        self.count = count
        try unsafe fill(UnsafeMutableRawBufferPointer(start: start, count: count))
    }

    /// A copy of somebody's bytes.
    package convenience init(copying bytes: UnsafeRawBufferPointer) throws(ZMQSocketError) {
        try self.init(count: bytes.count) { unsafe $0.copyMemory(from: bytes) }
    }

    deinit {
        unsafe explicit_bzero(start, count)
        unsafe free(start)
    }

    /// - Parameter body: must not keep the bytes.
    @safe
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Whether both have the same bytes. How long that takes tells nothing of them but their number.
    package func isSame(as other: SecretBytes) -> Bool {
        guard count == other.count else { return false }
        return withBytes { own in
            other.withBytes { others in
                var difference: UInt8 = 0
                for index in 0..<count { unsafe difference |= own[index] ^ others[index] }
                return difference == 0
            }
        }
    }

    /// Overwrites bytes that somebody else has.
    package static func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
        if let start = bytes.baseAddress { unsafe explicit_bzero(start, bytes.count) }
    }

    /// Runs `body` with some bytes of the stack, which are wiped afterwards.
    @safe
    package static func withTemporary<Result>(
        count: Int,
        _ body: (UnsafeMutableRawBufferPointer) throws(ZMQSocketError) -> Result
    ) throws(ZMQSocketError) -> Result {
        try unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) {
            (buffer) throws(ZMQSocketError) in
            defer { unsafe wipe(buffer) }
            return try unsafe body(buffer)
        }
    }
}

extension SecretBytes: CustomStringConvertible {
    package var description: String { "(secret)" }
}
