// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// Tells once that a socket is over, by a descriptor that belongs to whoever has asked for it.
///
/// That one may close his at any time, and somebody else may get its number: so what is written to is a copy.
final class ClosingReport: Sendable {
    /// What is read from the descriptor.
    enum Outcome: UInt64 {
        /// All that was sent has been handed over.
        case handedOver = 1
        /// The linger was over first, so messages may have been dropped; or nothing is known of it any more.
        case mayHaveDropped = 2
    }

    /// The asker's.
    let descriptor: Int32
    private let copy: Int32

    /// - Throws: `limit` out of descriptors.
    init() throws(ZMQSocketError) {
        var made = Bell()
        var number = made.open()
        descriptor = made.descriptor
        copy = number == 0 ? clinux_duplicate(descriptor) : -1
        if number == 0, copy < 0 {
            number = EMFILE
            made.close()
        }
        guard number == 0 else { throw ZMQSocketError(errno: number, doing: "can not make a descriptor") }
    }

    deinit {
        Descriptors.close(copy)
    }

    func tell(_ outcome: Outcome) { Bell.ring(copy, by: outcome.rawValue) }

    /// Nobody gets it.
    func takeBack() { Descriptors.close(descriptor) }
}
